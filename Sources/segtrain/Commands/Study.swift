import ArgumentParser
import SegCore
import SegTraining

struct Study: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train and compare losses over seeds, networks and data sets.",
    discussion: """
      Every run is an ordinary run directory in studies/<name>, or --out. What is finished is left alone, what was \
      stopped goes on: give the same command again. Tables (study.md, study.tex, study.csv) and the scatter of mean \
      accuracy over mean IoU lie beside the runs. A run that diverges is noted and the others go on; the program \
      then exits with 76.
      """)

  @Argument(help: "The study, a JSON file.")
  var study: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Override one key of every run, e.g. data.root=CamVid; may be repeated.",
      valueName: "a.b=value"))
  var overrides: [String] = []

  @Option(
    parsing: .singleValue,
    help: "Run only these: a loss, a model, a data set or a run by name; may be repeated.")
  var only: [String] = []

  @Option(help: "Folder of the study; studies/<name> by default.")
  var out: String?

  @Option(help: "Compute threads; results do not depend on it.")
  var threads: Int?

  @Flag(help: "List the runs and how far they are, and do nothing.")
  var dryRun = false

  @Flag(help: "Print one JSON document on standard output and nothing else.")
  var json = false

  @Flag(help: "Show warnings only.")
  var quiet = false

  func run() throws {
    try checkThreads(threads)
    let study = try SegTraining.Study(path: study, directory: out, overrides: overrides)
    if dryRun {
      let listing = try study.listing(only: only)
      return try Console.output(json ? listing.json.pretty : listing.text)
    }
    let progress = ProgressLine(quiet: quiet)
    StopSignal.install()
    let outcome = try StudyRunner(
      study, threads: threads, version: Version.text, cache: .ofUser, progress: progress
    ).run(only: only)
    switch outcome {
    case .stopped(let signal):
      progress.warn("\(signal): stopped, state saved; the same command goes on")
      throw ExitCode(ExitStatus.stoppedEarly.rawValue)
    case .finished(let diverged):
      let report = try StudyReport(study)
      try Console.output(json ? report.json.pretty : report.markdown)
      progress.note("tables and runs: \(study.path)")
      guard diverged.isEmpty else {
        throw Failure(
          .diverged, study.path,
          "\(diverged.count) of \(study.cells.count) runs diverged: "
            + diverged.joined(separator: ", "),
          hint: "their cell.json says where; change the entry and remove the run's folder")
      }
    }
  }
}
