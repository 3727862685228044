import ArgumentParser
import SegCore
import SegData
import SegEngine
import SegMetrics
import SegTraining

struct Eval: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score a trained network on a split.",
    discussion:
      "PATH of --checkpoint: a run directory stands for its best checkpoint, else its last.")

  @OptionGroup var model: TrainedModelOptions

  @Option(help: "Split to score; data.validation by default.")
  var split: String?

  @Flag(help: "Print summary.json on standard output and nothing else.")
  var json = false

  @Option(
    help: "Folder for summary.json and the tables; beside the run's other evaluations by default.")
  var out: String?

  func run() throws {
    let trained = try model.load()
    let split = split ?? trained.config.data.validation
    let dataset = try FileDataset(trained.config.data, split: split)
    let runner = try trained.makeRunner(threads: model.threads(trained.config))
    let progress = ProgressLine(quiet: json)
    let summary = try Evaluator(dataset, trained.config).run(runner) { done, count in
      progress.update("evaluating \(done)/\(count)", lasting: false)
    } onSkip: { skipped in
      progress.warn("sample \(skipped.index) left out: \(skipped.reason)")
    }
    progress.endLive()
    if let folder = out ?? trained.evaluationFolder(split: split) {
      try writeEvaluation(summary, to: folder)
      progress.note("written to \(folder)")
    }
    try Console.output(json ? summary.json.pretty : summary.table())
  }
}
