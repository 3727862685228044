import SegCore
public import SegData
import SegEngine
import SegLosses
import SegMetrics

/// One call of `segtrain train`: a run directory, new or resumed, and a trainer in it.
public struct TrainingSession {
  private let trainer: Trainer
  /// The directory this session made; nil for one that was there.
  private let made: RunDirectory?

  /// Checks configuration, data and memory, then opens the run directory.
  ///
  /// - Parameter cache: where label counts are remembered from run to run; `nil` counts always.
  /// - Throws: `Failure`; nothing is written when configuration or data are at fault.
  public init(
    _ loaded: LoadedConfig, directory path: String, resume: Bool, threads: Int?,
    version: String? = nil, cache: LabelCountCache? = nil, progress: ProgressLine
  ) throws {
    // A name that is taken is refused before time goes into reading the data.
    if !resume, FileSystem.kind(of: path) != nil { _ = try RunDirectory.create(path) }
    let setup = try TrainingSetup(loaded, threads: threads, cache: cache) { done, count in
      if done % 16 == 0 || done == count {
        progress.update("counting classes \(done)/\(count)", lasting: false)
      }
    }
    progress.endLive()
    if setup.countsAreRemembered, let cache {
      progress.note("labels are as an earlier run counted them (\(cache.folder))")
    }
    let size = setup.config.evaluation.shortSide == nil ? "data.size" : "evaluation.short_side"
    try setup.memory.check(hint: "lower training.batch_size, augment.crop_size or \(size)")
    let run: RunDirectory
    var checkpoint: Checkpoint?
    if resume {
      run = try RunDirectory.resume(path)
      try ResumeCheck.compare(setup.resolved, with: run)
      let found = try CheckpointFolder(run.checkpoints).latestComplete()
      for warning in found.warnings { progress.warn(warning) }
      checkpoint = found.checkpoint
      progress.note(
        checkpoint.map { "resuming after iteration \($0.step)" }
          ?? "no checkpoint yet: starting from the beginning")
    } else {
      run = try RunDirectory.create(path)
    }
    let environment = EnvironmentReport(
      version: version, threads: setup.threads, memory: setup.memory)
    let made = resume ? nil : run
    self.made = made
    trainer = try Self.leavingNothing(of: made) {
      try run.write(RunDirectory.configName, setup.resolved.pretty)
      try run.write(RunDirectory.environmentName, environment.json.pretty)
      try run.write(RunDirectory.dataName, setup.dataRecord.pretty)
      return try Trainer(
        setup, run: run, resuming: checkpoint, isResumed: resume, progress: progress)
    }
  }

  public func run() throws -> TrainingOutcome {
    try Self.leavingNothing(of: made, unless: trainer.step > 0) { try trainer.train() }
  }

  /// Removes a directory made for a run that config or data never let begin.
  private static func leavingNothing<Result>(
    of made: RunDirectory?, unless hasBegun: @autoclosure () -> Bool = false,
    _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let failure as Failure {
      if let made, [.badConfig, .badData, .inputMissing].contains(failure.status), !hasBegun() {
        try? made.fileSystem.removeTree(made.path)
      }
      throw failure
    }
  }
}

extension TrainingSetup {
  /// `data.json`: which files, seen from `data.root`, the run was trained and scored on, and what they hold.
  var dataRecord: JSONValue {
    func split(_ dataset: FileDataset) -> JSONValue {
      var hash = SHA256()
      let names = dataset.pairs.map { pair in
        let line = [pair.image, pair.label].map {
          FilePath.relative($0, to: config.data.root)
        }.joined(separator: " ")
        hash.update(Array((line + "\n").utf8))
        return JSONValue.string(line)
      }
      return .fields([
        "count": .integer(dataset.count), "sha256": .string(hash.finalized()),
        "files": .array(names),
      ])
    }
    let counts = statistics.splits.first
    return .fields([
      "classes": .array(train.classes.map { .string($0.name) }),
      "splits": .object([
        (key: config.data.train, value: split(train)),
        (key: config.data.validation, value: split(validation)),
      ]),
      "train_pixels": .array((counts?.pixels ?? []).map { .integer($0) }),
      "train_ignored_pixels": .integer(counts?.ignored ?? 0),
      "first_of_batch_pixels": self.counts.firstOfBatch.map { .array($0.map { .integer($0) }) }
        ?? .null,
      "class_weights": .array(
        config.loss.terms.indices.map { index in
          let weights = classWeights[index]
          return .fields([
            "term": .string(config.loss.termNames[index]),
            "rule": config.loss.terms[index].weighting.map { .string($0.description) } ?? .null,
            "weights": weights.map { .array($0.map { .float($0) }) } ?? .null,
          ])
        }),
    ])
  }
}
