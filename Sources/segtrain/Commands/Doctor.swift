import ArgumentParser
import SegCore
import SegTraining

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what this machine offers and whether segtrain can run on it.")

  @Flag(help: "Print one JSON document on standard output and nothing else.")
  var json = false

  func run() throws {
    let report = EnvironmentReport(version: Version.text)
    try Console.output(json ? report.json.pretty : report.text)
    if let problem = report.problem {
      throw Failure(.internal, "doctor", problem)
    }
  }
}
