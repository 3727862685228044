import ArgumentParser
import SegCore
import SegData
import SegTraining

struct Data: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check, count and make data sets.",
    subcommands: [
      DataCheckCommand.self, DataStatsCommand.self, DataPreviewCommand.self,
      DataSplitCommand.self, MakeStreetsCommand.self,
    ])
}

/// Options of the commands that open every file.
struct InspectionOptions: ParsableArguments {
  @OptionGroup var config: ConfigOptions

  @Flag(help: "Print one JSON document on standard output and nothing else.")
  var json = false

  func inspect() throws -> DataInspection {
    let data = try config.load().config.data
    let progress = ProgressLine(quiet: json)
    defer { progress.endLive() }
    return try DataInspection(
      data, splits: [data.train, data.validation], workers: max(data.workers, Machine.cores)
    ) { done, count in
      if done % 16 == 0 || done == count {
        progress.update("\(done)/\(count) pairs", lasting: false)
      }
    }
  }
}

struct DataCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Open every file once and say what is wrong.",
    discussion: "Exits with 65 when there are errors.")

  @OptionGroup var options: InspectionOptions

  func run() throws {
    let check = DataCheck(try options.inspect())
    try Console.output(options.json ? check.json.pretty : check.text())
    if check.errors > 0 { throw ExitCode(ExitStatus.badData.rawValue) }
  }
}

struct DataStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Count pixels and images of every class; weights by every rule."
  )

  @OptionGroup var options: InspectionOptions

  func run() throws {
    let stats = DataStats(try options.inspect())
    try Console.output(options.json ? stats.json().pretty : stats.text())
  }
}

struct MakeStreetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make-streets",
    abstract: "Draw a data set of street scenes with ten very unequal classes.",
    discussion:
      "The same seed and sizes give the same files. For configs with data.layout \"streets\".")

  @Option(help: "Folder to write to.")
  var out: String

  @Option(help: "Of all randomness.")
  var seed: UInt64 = 1

  @Option(help: "Height of a picture.")
  var height = 128

  @Option(help: "Width of a picture.")
  var width = 192

  @Option(help: "Training scenes.")
  var train = 240

  @Option(help: "Validation scenes.")
  var val = 48

  @Option(help: "Test scenes.")
  var test = 24

  @Flag(help: "Replace another data set of this kind in the folder.")
  var force = false

  func run() throws {
    let progress = ProgressLine(quiet: false)
    let outcome = try makeStreets(
      root: out, seed: seed, size: (height: height, width: width),
      counts: (train: train, val: val, test: test), force: force
    ) { done, count in
      progress.update("\(done)/\(count) scenes", lasting: false)
    }
    progress.endLive()
    switch outcome {
    case .written: progress.note("\(train + val + test) scenes written to \(out)")
    case .kept: progress.note("\(out) holds these scenes already")
    }
  }
}
