public import SegCore
public import SegData
import SegMetrics

/// How a study ended without an error.
public enum StudyOutcome: Sendable, Equatable {
  /// Every run asked for is through; those that diverged are named.
  case finished(diverged: [String])
  /// A signal asked to stop; the same command goes on.
  case stopped(signal: String)
}

/// Runs what a study is made of, one run after the other, and keeps its tables up to date.
public struct StudyRunner {
  let study: Study
  let threads: Int?
  let version: String?
  let cache: LabelCountCache?
  let progress: ProgressLine

  /// - Parameters:
  ///   - threads: compute threads of every run; `nil` leaves it to the configs.
  ///   - cache: where label counts are remembered, so that not every run opens all labels; `nil` counts always.
  public init(
    _ study: Study, threads: Int? = nil, version: String? = nil, cache: LabelCountCache? = nil,
    progress: ProgressLine
  ) {
    self.study = study
    self.threads = threads
    self.version = version
    self.cache = cache
    self.progress = progress
  }

  /// Trains and scores every cell that is not finished yet.
  ///
  /// - Parameter names: cells, losses, models or data sets to do; empty: everything.
  /// - Throws: `Failure` of the first cell whose config or data are at fault, or whose config has changed;
  ///   a run that diverges is noted, and the study goes on.
  public func run(only names: [String] = []) throws -> StudyOutcome {
    let cells = try study.cells(only: names)
    // Before the first run, not after hours.
    for cell in cells {
      if case .changed(let keys) = try cell.state(study.config.evaluation) {
        throw cell.changed(keys)
      }
    }
    try FileSystem.standard.makeDirectories(study.path)
    try AtomicFile.write(
      study.resolved.pretty, to: FilePath.join(study.path, RunDirectory.configName))
    var diverged: [String] = []
    for (index, cell) in cells.enumerated() {
      let place = "run \(index + 1)/\(cells.count) \(cell.name)"
      switch try cell.state(study.config.evaluation) {
      case .finished: continue
      case .diverged(let message):
        progress.warn("\(place): diverged before, left out: \(message)")
        diverged.append(cell.name)
        continue
      default: progress.note(place)
      }
      do {
        if let signal = try finish(cell) { return .stopped(signal: signal) }
      } catch let failure as Failure where failure.status == .diverged {
        progress.warn("\(place): \(failure)")
        try write(CellRecord(.diverged(failure.description), study.config.evaluation), cell)
        diverged.append(cell.name)
      } catch let failure as Failure {
        throw Failure(
          failure.status, cell.name, failure.description.isEmpty ? "failed" : "\(failure)")
      }
      try StudyReport(study).write()
      if let signal = StopSignal.request { return .stopped(signal: signal) }
    }
    try StudyReport(study).write()
    return .finished(diverged: diverged)
  }

  /// - Returns: the signal that asked to stop, if one did.
  private func finish(_ cell: StudyCell) throws -> String? {
    // Let go before the evaluation takes memory of its own.
    let outcome = try TrainingSession(
      cell.loaded, directory: cell.path, resume: FileSystem.kind(of: cell.path) != nil,
      threads: threads, version: version, cache: cache, progress: progress
    ).run()
    if case .stopped(let signal, _) = outcome { return signal }
    if let signal = StopSignal.request { return signal }
    try score(cell)
    return nil
  }

  private func score(_ cell: StudyCell) throws {
    let config = cell.loaded.config
    let location = try CheckpointPath.resolve(
      study.config.evaluation.checkpoint == .last
        ? FilePath.join(cell.path, "\(RunDirectory.checkpointsName)/\(CheckpointFolder.lastName)")
        : Self.best(cell))
    let trained = try TrainedModel(location, config: config)
    let split = study.config.evaluation.split ?? config.data.validation
    let dataset = try FileDataset(config.data, split: split)
    let runner = try trained.makeRunner(threads: threads ?? config.engine.threads ?? Machine.cores)
    let progress = progress
    let summary = try Evaluator(dataset, config).run(runner) { done, count in
      progress.update("scoring \(done)/\(count)", lasting: false)
    } onSkip: { skipped in
      progress.warn("sample \(skipped.index) left out: \(skipped.reason)")
    }
    progress.endLive()
    let step = location.step ?? 0
    let folder = "\(RunDirectory.evaluationsName)/\(split)@\(step)"
    try writeEvaluation(summary, to: FilePath.join(cell.path, folder))
    let outcome = CellRecord.Outcome.finished(
      evaluation: folder, checkpoint: Checkpoint.name(step: step))
    try write(CellRecord(outcome, study.config.evaluation), cell)
  }

  /// The checkpoint by the first score of `checkpoint.best_by`, else what the run directory stands for.
  private static func best(_ cell: StudyCell) -> String {
    guard let score = cell.loaded.config.checkpoint.bestBy.first else { return cell.path }
    let pointer = FilePath.join(
      cell.path,
      "\(RunDirectory.checkpointsName)/\(CheckpointFolder.bestPrefix)\(score.fileName)")
    // A score that was undefined all along has no best.
    return FileSystem.kind(of: pointer) == .file ? pointer : cell.path
  }

  private func write(_ record: CellRecord, _ cell: StudyCell) throws {
    try AtomicFile.write(record.json.pretty, to: FilePath.join(cell.path, CellRecord.name))
  }
}

extension Study {
  /// The cells that `names` mean; all where there are none.
  ///
  /// - Throws: `Failure` (usage) for a name that means nothing.
  public func cells(only names: [String]) throws(Failure) -> [StudyCell] {
    for name in names where !cells.contains(where: { $0.isMeant(by: name) }) {
      var known: [String] = []
      for cell in cells {
        for name in [cell.loss, cell.model, cell.dataSet] {
          if let name, !known.contains(name) { known.append(name) }
        }
      }
      let near = NearestKey.find(name, in: known + cells.map(\.name))
      throw Failure(
        .usage, "--only", "expected the name of an entry or a run, found \"\(name)\"",
        hint: (near.map { "did you mean \"\($0)\"? " } ?? "") + "entries: "
          + known.joined(separator: ", "))
    }
    return names.isEmpty ? cells : cells.filter { cell in names.contains { cell.isMeant(by: $0) } }
  }

  /// The cells with their states, for `--dry-run`.
  public func listing(only names: [String] = []) throws(Failure) -> StudyListing {
    var rows: [StudyListing.Row] = []
    for cell in try cells(only: names) {
      rows.append(StudyListing.Row(cell: cell, state: try cell.state(config.evaluation)))
    }
    return StudyListing(path: path, rows: rows)
  }
}

/// What a study would do.
public struct StudyListing {
  struct Row {
    var cell: StudyCell
    var state: CellState
  }

  let path: String
  let rows: [Row]

  public var text: String {
    var table = TextTable([.left("run"), .left("state")])
    for row in rows { table.add([row.cell.name, row.state.text]) }
    let done = rows.count { $0.state == .finished }
    return "\(table.text)\n\n\(rows.count) runs in \(path), \(done) finished"
  }

  public var json: JSONValue {
    .fields([
      "path": .string(path),
      "runs": .array(
        rows.map { row in
          .fields([
            "name": .string(row.cell.name),
            "data_set": row.cell.dataSet.map { .string($0) } ?? .null,
            "model": row.cell.model.map { .string($0) } ?? .null, "loss": .string(row.cell.loss),
            "seed": .integer(row.cell.seed), "state": .string(row.state.name),
            "detail": .string(row.state.text),
          ])
        }),
    ])
  }
}
