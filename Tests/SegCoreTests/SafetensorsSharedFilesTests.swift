import SegCore
import SegTestSupport
import Testing

/// Files of other projects, with the verdict of the reference implementation on each.
@Suite struct SafetensorsSharedFilesTests {
  /// `../shared/data/models` beside the package, or further up.
  private static let folder: String = {
    var above = FilePath.parent(of: #filePath)
    while above != "/" {
      let candidate = FilePath.join(above, "shared/data/models")
      if FileSystem.kind(of: candidate) == .directory { return candidate }
      above = FilePath.parent(of: above)
    }
    return "../shared/data/models"
  }()

  @Test func verdicts() throws {
    let table = FilePath.join(Self.folder, "expected_safetensors.tsv")
    guard FileSystem.kind(of: table) != nil else {
      print("skipped: \(table) is not there")
      return
    }
    var checked = 0
    for line in try InputFile.text(of: table).split(separator: "\n") where !line.hasPrefix("#") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      let path = FilePath.join(Self.folder, fields[0])
      guard FileSystem.kind(of: path) == .file else { continue }
      checked += 1
      do throws(Failure) {
        let reader = try SafetensorsReader(path)
        #expect(fields[1] == "ok", "\(path) was accepted")
        let found = reader.entries.map { "\($0.name):\($0.dtype.rawValue)\($0.shape)" }.sorted()
        let expected = fields[2].split(separator: ";").map {
          String($0.drop { $0 == " " })
        }.sorted()
        #expect(found == expected, "\(path)")
        for entry in reader.entries { _ = try reader.tensor(entry).floats() }
      } catch {
        #expect(fields[1] == "error", "\(error)")
        #expect(error.status == .badData)
        #expect(error.place == path)
      }
    }
    #expect(checked >= 18, "only \(checked) files found")
  }

  @Test func values() throws {
    let path = FilePath.join(Self.folder, "safetensors_valid/mlverse_hello.safetensors")
    guard FileSystem.kind(of: path) != nil else {
      print("skipped: \(path) is not there")
      return
    }
    let file = try SafetensorsFile.read(path)
    #expect(file.tensors.map(\.name) == ["hello", "world"])
    #expect(
      try file.tensors.map { try $0.floats() } == [
        [Float](repeating: 1, count: 100), [Float](repeating: 0, count: 50),
      ])
  }
}
