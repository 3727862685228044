import FoundationEssentials
import SegCore
import SegOptim
import Testing

/// What was forgotten in a table could not be chosen.
@Suite struct TableTests {
  @Test func optimizers() throws {
    #expect(optimizerMethods.map(\.name).sorted() == ["adam", "sgd"])
    let files = try Self.files("Optimizers", conformingTo: "Optimizer")
    #expect(files.count == optimizerMethods.count, "\(files)")
  }

  @Test func schedules() throws {
    #expect(lrCurves.map(\.name).sorted() == ["constant", "cosine", "linear", "poly", "step"])
    let files = try Self.files("Schedules", conformingTo: "LearningRateSchedule")
    #expect(files.count == lrCurves.count, "\(files)")
  }

  private static func files(
    _ folder: String, conformingTo name: String
  ) throws -> [String] {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path = package.appending(path: "Sources/SegOptim/\(folder)").path
    return try FileManager.default.contentsOfDirectory(atPath: path).filter {
      try String(contentsOfFile: "\(path)/\($0)", encoding: .utf8).contains(": \(name) {")
    }.sorted()
  }
}
