import SegCore
import SegTestSupport
import Testing

/// Files that other projects made with PyTorch: every tensor's name, type, shape and MD5.
@Suite struct TorchSharedFilesTests {
  /// `../shared/data/models` beside the package, or further up.
  static let folder: String = {
    var above = FilePath.parent(of: #filePath)
    while above != "/" {
      let candidate = FilePath.join(above, "shared/data/models")
      if FileSystem.kind(of: candidate) == .directory { return candidate }
      above = FilePath.parent(of: above)
    }
    return "../shared/data/models"
  }()

  /// As the table writes them (NumPy's names).
  private static let dtypes: [String: StoredDType] = [
    "<f2": .f16, "<f4": .f32, "<f8": .f64, "bf16": .bf16, "<i2": .i16, "<i4": .i32, "<i8": .i64,
    "i1": .i8, "u1": .u8, "?": .bool,
  ]

  @Test func digests() throws {
    let table = FilePath.join(Self.folder, "expected_tensors_pt.tsv")
    guard FileSystem.kind(of: table) != nil else {
      print("skipped: \(table) is not there")
      return
    }
    var expected: [(file: String, rows: [[String]])] = []
    for line in try InputFile.text(of: table).split(separator: "\n") where !line.hasPrefix("#") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      if expected.last?.file != fields[0] { expected.append((fields[0], [])) }
      expected[expected.count - 1].rows.append(Array(fields.dropFirst()))
    }
    var (files, tensors) = (0, 0)
    for (name, rows) in expected {
      let path = FilePath.join(Self.folder, name)
      guard FileSystem.kind(of: path) == .file else { continue }
      files += 1
      guard rows[0][0] != "error", !rows[0][1].hasPrefix("(no tensors)") else {
        let error = failure { () throws(Failure) in _ = try openWeightFile(path) }
        #expect(error.status == .badData && error.place == path, "\(name): \(error)")
        continue
      }
      let file = try openWeightFile(path)
      #expect(file.format == (rows[0][0].hasPrefix("zip") ? "PyTorch (zip)" : "PyTorch (legacy)"))
      #expect(file.entries.count == rows.count, "\(name)")
      for (entry, row) in zip(file.entries, rows) {
        tensors += 1
        #expect(entry.name == Self.name(row[1]), "\(name)")
        #expect(entry.dtype == Self.dtypes[row[2]], "\(name): \(entry.name)")
        // The table's reader gave scalars a shape of one element and no stride.
        let shape = row[4].hasPrefix("stride=[] ") ? "[]" : row[3]
        #expect("\(entry.shape)" == shape, "\(name): \(entry.name)")
        #expect(MD5.hash(try file.tensor(entry).bytes) == row[5], "\(name): \(entry.name)")
        _ = try file.floats(entry)
      }
    }
    #expect(files >= 21 && tensors >= 40, "only \(files) files with \(tensors) tensors found")
  }

  /// The attributes of a TorchScript object have names of their own.
  private static func name(_ name: String) -> String {
    name.hasPrefix("<obj>.") ? String(name.dropFirst("<obj>.".count)) : name
  }
}
