import ArgumentParser
import Glibc
import SegCore

/// The command line. A new command is a file in `Commands` and a word in `subcommands`.
@main
struct Segtrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segtrain",
    abstract: "Trains networks for semantic segmentation where classes are unequal.",
    discussion: "A run is described by one JSON file; `segtrain config schema` lists its keys.",
    version: Version.text,
    subcommands: [
      Train.self, Eval.self, Predict.self, Study.self, Data.self, Model.self, Weights.self,
      Loss.self, Config.self, Bench.self, Doctor.self,
    ])

  /// Runs a command; every `Failure` becomes its message and its exit status.
  static func main() {
    // A reader that goes away must not kill a training half way through a checkpoint.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      Console.error("error: \(failure)")
      Glibc.exit(failure.status.rawValue)
    } catch {
      exit(withError: error)
    }
  }
}

enum Version {
  static let text = "0.1.0"
}
