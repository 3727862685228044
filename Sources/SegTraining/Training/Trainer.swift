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
  let setup: TrainingSetup
  let config: RunConfig
  let run: RunDirectory
  let recorder: RunRecorder
  let checkpoints: CheckpointWriter
  let pool: ThreadPool
  let batches: BatchRunner
  let optimizer: OptimizerRunner
  let gradients: GradientGuard
  let traces: (runner: TraceRunner, log: TraceLog)?
  let average: WeightAverage?
  let evaluator: Evaluator
  let inference: InferenceRunner
  var state = TrainingState()
  /// Steps taken.
  public private(set) var step = 0
  /// Seen since the last step ended.
  var images = 0
  var pace = Pace()
  /// Of the checkpoint written last.
  var savedStep: Int?

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
    // Training and evaluation take turns.
    let memory = StepMemory()
    batches = try BatchRunner(setup, pool: pool, memory: memory)
    optimizer = try OptimizerRunner(
      config.optimizer.makeOptimizer(), store: network.store, trainable: setup.trainable,
      headFactor: config.optimizer.headLRFactor, exception: config.optimizer.exception, pool: pool)
    gradients = GradientGuard(
      store: network.store, groups: optimizer.groups, clipNorm: config.training.clipNorm, pool: pool
    )
    if let decay = config.training.emaDecay {
      average = try WeightAverage(decay: decay, store: network.store, pool: pool)
    } else {
      average = nil
    }
    checkpoints = CheckpointWriter(
      run, keep: config.checkpoint.keep, interval: config.checkpoint.interval)
    evaluator = try Evaluator(setup.validation, config)
    inference = InferenceRunner(
      network, loss: setup.loss, engine: config.engine, pool: pool, memory: memory)
    recorder = try RunRecorder(
      run, tensorBoard: config.log.tensorboard,
      // Without a checkpoint nothing is kept, not even what was said before the first step.
      resumingAfter: isResumed ? checkpoint?.step ?? -1 : nil, progress: progress)
    let last = isResumed ? checkpoint?.step ?? -1 : nil
    if let last { try TraceLog.cut(run, after: last) }
    traces =
      config.log.traces
      ? (
        try TraceRunner(setup, pool: pool, memory: memory),
        try TraceLog(run, classes: setup.train.classes.map(\.name), resumingAfter: last)
      ) : nil
    if let checkpoint {
      try network.loadWeights(checkpoint.model, scope: .all, isStart: false)
      try optimizer.load(checkpoint.optimizer)
      state = TrainingState(checkpoint.state)
      try state.restoreMemory(of: network.store, from: checkpoint.path)
      step = checkpoint.step
      try checkpoints.restorePointers(of: checkpoint)
    } else {
      network.declarations.initialize(seed: UInt64(config.seed), pool: pool)
      if let path = config.model.weights {
        let report = try network.loadWeights(
          path, scope: config.model.weightsScope, resetsClassifier: config.model.resetClassifier)
        try recorder.note(report.text, step: 0)
      }
    }
    if let checkpoint {
      try average?.resume(checkpoint.optimizer)
    } else {
      average?.restart()
    }
  }

  /// Trains until the end of the run or a signal.
  ///
  /// A signal changes when the run ends, and nothing of what it writes until then.
  public func train() throws -> TrainingOutcome {
    if step == 0 { try describe() }
    guard step < setup.iterations else {
      recorder.progress.note("the run is complete: \(step) of \(setup.iterations) iterations")
      try RunReport.write(run)
      return .finished
    }
    let loader = try makeLoader()
    pace.start(at: step)
    while step < setup.iterations {
      let loss = try takeStep(loader)
      step += 1
      pace.count(images: images)
      images = 0
      let isLast = step == setup.iterations
      if isLogged(step) {
        if let traces { try traces.log.append(step: step, traces.runner.take()) }
        try record(loss, loader)
      }
      if isLast || step % config.evaluation.interval == 0 {
        try pace.pausing { try evaluate() }
      }
      // Asked for here, so that one that came during an evaluation costs no further step.
      let signal = StopSignal.request
      if signal != nil || isLast || step % config.checkpoint.interval == 0 {
        try pace.pausing { try save() }
      }
      if let signal, !isLast {
        recorder.progress.warn(
          "\(signal): stopped after iteration \(step), state saved; go on with --resume")
        return .stopped(signal: signal, step: step)
      }
    }
    try RunReport.write(run)
    recorder.progress.endLive()
    return .finished
  }

  /// Whether something is written down after step `step`, counted from 1.
  private func isLogged(_ step: Int) -> Bool {
    step == setup.iterations || step % config.log.interval == 0
  }

  // MARK: One step

  struct StepLoss {
    var total: Float
    var terms: [Float]
    var epoch: Int
    var learningRate: Double
    var gradientNorm: Double?
  }

  private func takeStep(_ loader: BatchLoader) throws -> StepLoss {
    let learningRate = setup.learningRate(at: step)
    let parts = config.training.accumulate
    var loss = StepLoss(
      total: 0, terms: [Float](repeating: 0, count: setup.plan.terms.count), epoch: 0,
      learningRate: learningRate)
    var context = StepContext()
    context.seed = UInt64(config.seed)
    context.time = setup.time(at: step)
    for part in 0..<parts {
      guard let batch = try loader.next() else {
        throw Failure(.internal, "data", "the loader ended before iteration \(setup.iterations)")
      }
      context.step = UInt64(step * parts + part)
      context.accumulateGradients = part > 0
      if isLogged(step + 1) { traces?.runner.add(batch, context) }
      let found = try batches.run(batch, context)
      guard found.total.isFinite else {
        throw diverged(context, batch, "the loss is \(found.total)")
      }
      loss.total += found.total / Float(parts)
      for (index, term) in found.terms.enumerated() { loss.terms[index] += term / Float(parts) }
      images += batch.count
      loss.epoch = batch.epoch
      if part == parts - 1 {
        if parts > 1 { gradients.scale(by: 1 / Float(parts)) }
        guard gradients.isFinite else {
          throw diverged(context, batch, "the gradient is not finite")
        }
      }
      loader.recycle(batch)
    }
    loss.gradientNorm = gradients.clip()
    optimizer.update(step: step, learningRate: learningRate)
    average?.update(step: step)
    return loss
  }

  /// Runs the step once more, looking at every tensor, to say where it went wrong.
  private func diverged(_ context: StepContext, _ batch: Batch, _ what: String) -> Failure {
    let tensor = batches.firstNonFinite(batch, context) ?? "none on a second look"
    let files = batch.indices.prefix(4).map { setup.train.imagePath(at: $0) }
    let failure = Failure(
      .diverged, "iteration \(step + 1)",
      "\(what); first tensor that is not finite: \(tensor); learning rate \(scientific(setup.learningRate(at: step))); batch: \(files.joined(separator: ", "))",
      hint: divergenceHint)
    // Of the step that failed: when it is tried again, it is told again.
    try? recorder.log(failure.description, step: step + 1)
    return failure
  }

  var divergenceHint: String {
    let saved = (try? checkpoints.folder.steps())?.last.map { "checkpoint of step \($0) is kept" }
    return "lower optimizer.lr, add lr_schedule.warmup_iterations or training.clip_norm; "
      + (saved ?? "no checkpoint was written yet")
  }

  private func makeLoader() throws -> BatchLoader {
    try BatchLoader(
      config, setup.train, size: setup.size, classUniform: setup.classUniform,
      first: step * config.training.accumulate
    ) { [unowned self] skipped in
      guard state.skipped.insert(skipped.index).inserted else { return }
      try? recorder.warn("sample \(skipped.index) left out: \(skipped.reason)", step: step + 1)
    }
  }
}
