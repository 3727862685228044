import SegCore
import SegData
import SegEngine
import SegLosses
import SegMetrics
import SegModels
import SegNN
import SegOptim

/// How a training ended without an error.
public enum TrainingOutcome: Sendable, Equatable {
  case finished
  /// A signal asked to stop; the state is saved and `--resume` goes on.
  case stopped(signal: String, step: Int)
}

/// Trains a network step by step, from the start or from a checkpoint.
///
/// A step is a pure function of the state before it and its number; whatever else there is (clock, threads,
/// workers, restarts) shows only in fields that hold times.
public final class Trainer {
  private let setup: TrainingSetup
  private let config: RunConfig
  private let run: RunDirectory
  private let recorder: RunRecorder
  private let checkpoints: CheckpointWriter
  private let pool: ThreadPool
  private let executor: Executor
  private let optimizer: OptimizerRunner
  private let gradients: GradientGuard
  private let evaluator: Evaluator
  private let inference: InferenceRunner
  private var state = TrainingState()
  /// Steps taken.
  private var step = 0
  private var pace = Pace()

  /// - Parameters:
  ///   - checkpoint: where to go on from; `nil` starts from the initial weights.
  public init(
    _ setup: TrainingSetup, run: RunDirectory, resuming checkpoint: Checkpoint?, isResumed: Bool,
    progress: ProgressLine
  ) throws {
    self.setup = setup
    self.run = run
    config = setup.config
    pool = ThreadPool(threads: setup.threads)
    let network = setup.network
    try network.store.reserve(gradients: true)
    executor = try Executor(setup.plan.plan, store: network.store, pool: pool)
    optimizer = try OptimizerRunner(
      config.optimizer.makeOptimizer(), store: network.store, trainable: setup.trainable,
      headFactor: config.optimizer.headLRFactor, pool: pool)
    gradients = GradientGuard(
      store: network.store, groups: optimizer.groups, clipNorm: config.training.clipNorm, pool: pool
    )
    checkpoints = CheckpointWriter(run, keep: config.checkpoint.keep)
    evaluator = try Evaluator(setup.validation, config)
    inference = InferenceRunner(network, loss: setup.loss, pool: pool)
    recorder = try RunRecorder(
      run, tensorBoard: config.log.tensorboard,
      resumingAfter: isResumed ? checkpoint?.step ?? 0 : nil, progress: progress)
    network.declarations.initialize(seed: UInt64(config.seed))
    if let checkpoint {
      try network.loadWeights(checkpoint.model, scope: .all)
      try optimizer.load(checkpoint.optimizer)
      state = TrainingState(checkpoint.state)
      step = checkpoint.step
      try checkpoints.restorePointers(of: checkpoint)
    } else if let path = config.model.weights {
      let report = try network.loadWeights(path, scope: config.model.weightsScope)
      try recorder.note(report.text, step: 0)
    }
  }

  /// Trains until the end of the run or a signal.
  public func train() throws -> TrainingOutcome {
    if step == 0 { try describe() }
    guard step < setup.iterations else {
      recorder.progress.note("the run is complete: \(step) of \(setup.iterations) iterations")
      return .finished
    }
    let loader = try makeLoader()
    pace.start(at: step)
    while step < setup.iterations {
      let loss = try takeStep(loader)
      step += 1
      pace.count(images: config.training.batchSize * config.training.accumulate)
      let signal = StopSignal.request
      if step % config.log.interval == 0 || step == setup.iterations || signal != nil {
        try record(loss, loader)
      }
      let isLast = step == setup.iterations
      if signal == nil, isLast || step % config.evaluation.interval == 0 {
        try pace.pausing { try evaluate() }
      }
      if signal != nil || isLast || step % config.checkpoint.interval == 0 {
        try pace.pausing { try save() }
      }
      if let signal, !isLast {
        try recorder.warn(
          "\(signal): stopped after iteration \(step), state saved; go on with --resume")
        return .stopped(signal: signal, step: step)
      }
    }
    recorder.progress.endLive()
    return .finished
  }

  // MARK: One step

  private struct StepLoss {
    var total: Float
    var terms: [Float]
    var epoch: Int
    var learningRate: Double
  }

  private func takeStep(_ loader: BatchLoader) throws -> StepLoss {
    let learningRate = setup.learningRate(at: step)
    let parts = config.training.accumulate
    var loss = StepLoss(
      total: 0, terms: [Float](repeating: 0, count: setup.plan.terms.count), epoch: 0,
      learningRate: learningRate)
    var context = StepContext()
    context.seed = UInt64(config.seed)
    for part in 0..<parts {
      guard let batch = try loader.next() else {
        throw Failure(.internal, "data", "the loader ended before iteration \(setup.iterations)")
      }
      context.step = UInt64(step * parts + part)
      context.accumulateGradients = part > 0
      _ = executor.input("image").update(fromContentsOf: batch.images)
      _ = executor.input("labels", as: UInt8.self).update(fromContentsOf: batch.labels)
      executor.run(context)
      let total = executor.contents(of: setup.plan.loss)[0]
      guard total.isFinite else { throw diverged(context, batch, "the loss is \(total)") }
      loss.total += total / Float(parts)
      for (index, term) in setup.plan.terms.enumerated() {
        loss.terms[index] += executor.contents(of: term)[0] / Float(parts)
      }
      loss.epoch = batch.epoch
      if part == parts - 1 {
        if parts > 1 { gradients.scale(by: 1 / Float(parts)) }
        guard gradients.isFinite else {
          throw diverged(context, batch, "the gradient is not finite")
        }
      }
      loader.recycle(batch)
    }
    gradients.clip()
    optimizer.update(step: step, learningRate: learningRate)
    return loss
  }

  /// Runs the step once more, looking at every tensor, to say where it went wrong.
  private func diverged(_ context: StepContext, _ batch: Batch, _ what: String) -> Failure {
    let tensor = executor.firstNonFinite(context) ?? "none on a second look"
    let files = batch.indices.prefix(4).map { setup.train.imagePath(at: $0) }
    let saved = (try? checkpoints.folder.steps())?.last.map { "checkpoint of step \($0) is kept" }
    let failure = Failure(
      .diverged, "iteration \(step + 1)",
      "\(what); first tensor that is not finite: \(tensor); learning rate \(scientific(setup.learningRate(at: step))); batch: \(files.joined(separator: ", "))",
      hint: "lower optimizer.lr, add lr_schedule.warmup_iterations or training.clip_norm; "
        + (saved ?? "no checkpoint was written yet"))
    try? recorder.warn(failure.description, step: step)
    return failure
  }

  private func makeLoader() throws -> BatchLoader {
    let first = step * config.training.accumulate
    let options = LoaderOptions(
      batchSize: config.training.batchSize, seed: UInt64(config.seed), size: setup.size,
      shuffle: config.training.shuffle, dropLast: config.training.dropLast,
      workers: config.data.workers, onBadSample: config.data.onBadSample,
      startEpoch: first / setup.batchesPerEpoch, startBatch: first % setup.batchesPerEpoch)
    let recorder = self.recorder
    return try BatchLoader(
      setup.train, transforms: .training(config.data, config.augment),
      normalization: Normalization(config.data), options: options
    ) { skipped in
      try? recorder.warn("sample \(skipped.index) left out: \(skipped.reason)")
    }
  }

  // MARK: Now and then

  private func describe() throws {
    let store = setup.network.store
    try recorder.note(
      "\(config.model.architecture) on \(config.model.backbone), output stride \(config.model.outputStride): \(store.parameterCount) parameters",
      step: 0)
    try recorder.note(setup.memory.text, step: 0)
    let losses = config.loss.terms.map {
      "\($0.name) (\($0.loss.variant)), weight \($0.weight)"
    }
    try recorder.note("loss: " + losses.joined(separator: " + "), step: 0)
    for (term, weights) in zip(config.loss.terms, setup.classWeights) {
      guard let weights else { continue }
      let list = zip(setup.train.classes, weights).map { "\($0.name) \($1)" }
      try recorder.note("class weights of \(term.name): " + list.joined(separator: ", "), step: 0)
    }
  }

  private func record(_ loss: StepLoss, _ loader: BatchLoader) throws {
    let measured = pace.lap(waited: loader.totalWait)
    try recorder.train(
      TrainEvent(
        step: step, iterations: setup.iterations, epoch: loss.epoch, loss: loss.total,
        terms: zip(config.loss.terms, loss.terms).map { ($0.name, $1) },
        learningRate: loss.learningRate, imagesPerSecond: measured.imagesPerSecond,
        dataWait: measured.dataWait, residentBytes: MemoryPlan.peakResidentBytes(),
        secondsLeft: pace.secondsLeft(step: step, of: setup.iterations)))
  }

  private func evaluate() throws {
    let progress = recorder.progress
    let (recorder, step) = (self.recorder, self.step)
    let summary = try evaluator.run(inference) { done, count in
      progress.update("evaluating \(done)/\(count)", lasting: false)
    } onSkip: { skipped in
      try? recorder.warn("sample \(skipped.index) left out: \(skipped.reason)", step: step)
    }
    try recorder.evaluation(summary, split: config.data.validation, step: step)
    var improved: [String] = []
    for score in config.checkpoint.bestBy {
      guard let value = score.value(in: summary) else { continue }
      if let best = state.best[score.name], best.value >= value { continue }
      state.best[score.name] = TrainingState.Best(value: value, step: step)
      improved.append(score.fileName)
    }
    if !improved.isEmpty { try save(best: improved) }
    try RunReport.write(run)
  }

  private func save(best: [String] = []) throws {
    if best.isEmpty, savedStep == step { return }
    try recorder.synchronize()
    let contents = CheckpointContents(
      step: step, model: ModelFile.tensors(setup.network.store),
      modelMetadata: ModelFile.metadata(config: setup.resolved), optimizer: optimizer.tensors,
      state: state.json)
    try checkpoints.save(contents, best: best)
    savedStep = step
  }

  private var savedStep: Int?
}
