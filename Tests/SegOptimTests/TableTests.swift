import FoundationEssentials
import SegOptim
import Testing

/// What was forgotten in a table could not be chosen.
@Suite struct TableTests {
  @Test func optimizers() throws {
    #expect(optimizerKinds.map { $0.kind } == ["adam", "sgd"])
    #expect(
      try Self.files("Optimizers", conformingTo: "Optimizer")
        == optimizerKinds.map { "\($0).swift" }.sorted())
  }

  @Test func schedules() throws {
    #expect(scheduleKinds.map { $0.kind } == ["constant", "poly"])
    #expect(
      try Self.files("Schedules", conformingTo: "LearningRateSchedule")
        == scheduleKinds.map { "\($0).swift" }.sorted())
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
