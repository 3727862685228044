import ArgumentParser
import SegCore
import SegTraining

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network.",
    discussion: """
      Everything goes into runs/<name>, or --run-dir. Ctrl-C finishes the step, saves and exits with 75, \
      after the evaluation where one is under way; a second one ends the program at once. The same command with --resume goes on as if nothing had happened.
      """)

  @OptionGroup var options: ConfigOptions

  @Option(help: "Folder of the run; runs/<name> by default.")
  var runDir: String?

  @Flag(help: "Go on from the newest checkpoint of the run directory.")
  var resume = false

  @Option(help: "Compute threads; results do not depend on it.")
  var threads: Int?

  @Flag(help: "Show warnings only.")
  var quiet = false

  func run() throws {
    try checkThreads(threads)
    let loaded = try options.load()
    let path = runDir ?? "runs/\(loaded.config.name)"
    let progress = ProgressLine(quiet: quiet)
    let session = try TrainingSession(
      loaded, directory: path, resume: resume, threads: threads, version: Version.text,
      cache: .ofUser, progress: progress)
    StopSignal.install()
    switch try session.run() {
    case .finished: progress.note("done: \(path)")
    case .stopped: throw ExitCode(ExitStatus.stoppedEarly.rawValue)
    }
  }
}
