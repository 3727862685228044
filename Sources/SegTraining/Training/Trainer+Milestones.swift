import SegCore
import SegData
import SegEngine
import SegLosses
import SegMetrics
import SegModels

/// What a trainer does now and then: tell, score, save.
extension Trainer {
  /// Says what is trained, before the first step.
  func describe() throws {
    let store = setup.network.store
    try recorder.note(
      "\(config.model.architecture) on \(config.model.backbone.rawValue), output stride \(config.model.outputStride): \(store.parameterCount) parameters",
      step: 0)
    try recorder.note(setup.memory.text, step: 0)
    for line in config.loss.description(iterations: setup.iterations) {
      try recorder.note(line, step: 0)
    }
    for line in config.loss.describe(setup.classWeights, setup.train.classes) {
      try recorder.note(line, step: 0)
    }
    if let decay = config.training.emaDecay {
      try recorder.note(
        "evaluation and checkpoints use averaged weights, decay \(decay)", step: 0)
    }
  }

  /// One line of progress.
  func record(_ loss: StepLoss, _ loader: BatchLoader) throws {
    let measured = pace.lap(waited: loader.totalWait)
    try recorder.train(
      TrainEvent(
        step: step, iterations: setup.iterations, epoch: loss.epoch, loss: loss.total,
        terms: config.loss.termNames.enumerated().map { index, name in
          .init(
            name: name, value: loss.terms[index],
            weight: config.loss.weight(of: index, at: setup.time(at: step - 1)))
        }, hasSchedule: config.loss.schedule != nil,
        learningRate: loss.learningRate, gradientNorm: loss.gradientNorm,
        imagesPerSecond: measured.imagesPerSecond,
        dataWait: measured.dataWait, residentBytes: MemoryPlan.peakResidentBytes(),
        secondsLeft: pace.secondsLeft(step: step, of: setup.iterations)))
  }

  /// Scores the validation split, and saves what is the best so far.
  func evaluate() throws {
    let progress = recorder.progress
    let (recorder, step) = (self.recorder, self.step)
    inference.time = setup.time(at: step)
    let summary = try withAverage {
      try evaluator.run(inference) { done, count in
        progress.update("evaluating \(done)/\(count)", lasting: false)
      } onSkip: { skipped in
        try? recorder.warn("sample \(skipped.index) left out: \(skipped.reason)", step: step)
      }
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

  /// Writes a checkpoint, unless this step has one.
  func save(best: [String] = []) throws {
    if best.isEmpty, savedStep == step { return }
    try requireFiniteWeights()
    try recorder.synchronize()
    try traces?.log.synchronize()
    state.keepMemory(of: setup.network.store)
    try withAverage {
      let contents = CheckpointContents(
        step: step, model: ModelFile.tensors(setup.network.store),
        modelMetadata: ModelFile.metadata(
          resolved: setup.resolved, config: config, classes: setup.train.classes,
          loss: setup.lossRecord(at: step)),
        optimizer: optimizer.tensors + (average?.weights ?? []), state: state.json)
      try checkpoints.save(contents, best: best)
    }
    savedStep = step
  }

  /// With the averaged weights in place where there are some.
  private func withAverage<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard let average else { return try body() }
    return try average.inPlace(body)
  }

  /// A checkpoint nobody can go on from must not take the place of one that is good.
  private func requireFiniteWeights() throws {
    guard let broken = setup.network.store.firstNonFinite(pool) else { return }
    let failure = Failure(
      .diverged, "iteration \(step)", "not finite after the step: \(broken)",
      hint: divergenceHint)
    try? recorder.log(failure.description, step: step)
    throw failure
  }
}
