import Foundation
import SegCore
import SegData
import Testing

/// Whole folders of odd and damaged files: each is read or refused by name, nothing else.
@Suite(.enabled(if: SharedData.has("png"), "no ../shared/data")) struct DamagedFilesTests {
  private func files(_ folder: String, _ endings: [String]) throws -> [String] {
    let root = SharedData.path(folder)
    return try FileManager.default.subpathsOfDirectory(atPath: root).sorted()
      .filter { path in endings.contains { path.lowercased().hasSuffix(".\($0)") } }
      .map { "\(root)/\($0)" }
  }

  /// - Returns: names of the refused files, without folders.
  private func refused(_ paths: [String]) -> [String] {
    paths.filter { path in
      for read in [{ _ = try ImageFile.readRaster(path) }, { _ = try ImageFile.readLabels(path) }] {
        do {
          try read()
        } catch let failure as Failure {
          #expect(failure.status == .badData && failure.place == path)
        } catch {
          Issue.record("\(path): \(error)")
        }
      }
      return (try? ImageFile.readRaster(path)) == nil
    }.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
  }

  @Test func pngFiles() throws {
    let paths = try files("png", ["png"])
    #expect(paths.count > 300)
    let names = refused(paths)
    // PngSuite's x*.png; others have sound pixels and damaged comments.
    #expect(names.count { $0.hasPrefix("x") } == 14)
    for name in ["broken.png", "broken_data_stream.png", "truncated_image.png"] {
      #expect(names.contains(name), "\(name)")
    }
  }

  @Test func jpegFiles() throws {
    let names = refused(try files("jpeg", ["jpg", "jpeg"]))
    #expect(names.contains("truncated_jpeg.jpg"))
  }
}
