public import SegCore
public import SegData
public import SegEngine
import SegLosses
import SegModels
import SegOptim

/// Everything a training run is made of, built and checked before anything is written.
public struct TrainingSetup {
  public let config: RunConfig
  public let resolved: JSONValue
  public let train, validation: FileDataset
  /// Pixels of each class over the training split, ignored ones apart.
  public let statistics: DataStats
  /// What class weights are computed from.
  public let counts: LabelCounts
  /// Whether labels were counted by an earlier run, so that this one did not open them all.
  public let countsAreRemembered: Bool
  /// One list a loss term; `nil` where the term is not weighted by class.
  public let classWeights: [[Float]?]
  public let network: Network
  public let loss: LossBuilder
  public let plan: TrainingPlan
  /// Of an epoch's last batch, where `drop_last` is off and it has a size of its own.
  public let lastPlan: TrainingPlan?
  /// Second looks at a step by number of samples, where `log.traces` wants them.
  let tracePlans: [(samples: Int, plan: TracePlan)]
  public let trainable: [Parameter]
  /// Size of a training sample.
  public let size: PixelSize
  public let memory: MemoryPlan
  public let batchesPerEpoch: Int
  /// Optimiser steps of the whole run.
  public let iterations: Int
  public let threads: Int
  /// Samples drawn by class, where the config asks for it.
  let classUniform: ClassUniform?

  /// - Parameters:
  ///   - threads: compute threads; `nil` takes one a core.
  ///   - cache: where label counts are remembered; `nil` counts always.
  ///   - progress: files counted and their number, while classes are counted.
  public init(
    _ loaded: LoadedConfig, threads: Int? = nil, cache: LabelCountCache? = nil,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    config = loaded.config
    resolved = loaded.resolved
    self.threads = threads ?? config.engine.threads ?? Machine.cores
    train = try FileDataset(config.data, split: config.data.train)
    validation = try FileDataset(config.data, split: config.data.validation)
    size = try SampleSize.training(config.data, config.augment, train)

    // Labels of both splits: a bad one must not be found out in the middle of a run.
    let labels = try LabelSurvey(loaded, train, validation, cache: cache, progress: progress)
    if config.data.onBadSample == .error {
      let isOneSize = config.data.size == nil && config.augment.cropSize == nil
      try SizeCheck.run(train, expected: isOneSize ? size : nil)
      try SizeCheck.run(validation, expected: nil)
    }
    (statistics, counts, countsAreRemembered) = (
      labels.statistics, labels.counts, labels.isRemembered
    )
    classUniform = labels.classUniform
    classWeights = try config.loss.classWeights(labels.counts)

    network = Network(ModelOptions(config.model, classes: train.classes.count))
    trainable = try network.parameters(under: config.model.trainOnly)
    let learning = Set(trainable)
    let frozen = network.store.parameters.filter { !learning.contains($0) }
    loss = LossBuilder(
      config.loss, auxiliaryWeight: config.model.auxWeight, classes: train.classes.count,
      ignoreIndex: config.data.ignoreIndex, classWeights: classWeights,
      classCounts: counts.training, remembersIn: network)
    let perBatch = config.training.batchSize
    let rest = train.count % perBatch
    let hasLast = !config.training.dropLast && rest > 0
    batchesPerEpoch = config.training.batchesPerEpoch(samples: train.count)
    guard batchesPerEpoch > 0 else {
      throw Failure(
        .badConfig, "training.batch_size",
        "the training split has \(train.count) samples, fewer than one batch of \(perBatch)",
        hint: "lower training.batch_size or set training.drop_last to false")
    }
    let fixed = config.model.frozenBatchNorm == .fixed ? frozen : []
    plan = try Self.trace(
      network, loss, config, batch: perBatch, size: size, trainable: trainable, fixed: fixed)
    lastPlan =
      hasLast
      ? try Self.trace(
        network, loss, config, batch: rest, size: size, trainable: trainable, fixed: fixed) : nil
    tracePlans = try Self.tracePlans(
      network, loss, config, batches: [perBatch] + (hasLast ? [rest] : []), size: size, fixed: fixed
    )

    iterations = config.training.iterations(samples: train.count)
    let evaluation = try EvaluationMemory(
      network, loss, config, sizes: EvaluationMemory.sizes(validation, config.inputSize))
    memory = .training(
      network.store, optimizerStates: config.optimizer.makeOptimizer().stateNames.count,
      isAveraged: config.training.emaDecay != nil, plan: plan.plan,
      others: (lastPlan.map { [$0.plan] } ?? []) + tracePlans.map(\.plan.plan),
      evaluation: evaluation, workers: self.threads,
      aheadBytes: plan.plan.inputBytes * LoaderOptions.batchesInUse(workers: config.data.workers),
      cacheBytes: CachedDataset.plannedBytes(config.data, samples: train.count))
  }

  private static func tracePlans(
    _ network: Network, _ loss: LossBuilder, _ config: RunConfig, batches: [Int], size: PixelSize,
    fixed: [Parameter]
  ) throws -> [(samples: Int, plan: TracePlan)] {
    guard config.log.traces else { return [] }
    return try batches.map { batch in
      let plan = try TracePlan(
        network, loss: loss, batch: batch, height: size.height, width: size.width,
        fixedStatistics: fixed, ignoreIndex: config.data.ignoreIndex,
        gamma: config.log.traceGamma, engine: config.engine)
      return (batch, plan)
    }
  }

  private static func trace(
    _ network: Network, _ loss: LossBuilder, _ config: RunConfig, batch: Int, size: PixelSize,
    trainable: [Parameter], fixed: [Parameter]
  ) throws -> TrainingPlan {
    do {
      return try TrainingPlan(
        network, loss: loss, batch: batch, height: size.height, width: size.width,
        trainable: trainable, fixedStatistics: fixed, engine: config.engine)
    } catch {
      let perBatch = config.training.batchSize
      let isLast = batch != perBatch
      throw Failure(
        .badConfig, isLast ? "training.drop_last" : "model",
        (isLast ? "the last batch of an epoch has \(batch) of \(perBatch) samples: " : "")
          + "\(error)",
        hint: isLast
          ? "set training.drop_last to true or change training.batch_size"
          : "training.batch_size is \(perBatch), samples are \(size)")
    }
  }

  /// Step `step`, counted from 0, as step inputs see it.
  func time(at step: Int) -> TrainingTime { TrainingTime(iteration: step, of: iterations) }

  /// Learning rate of step `step`, counted from 0: a pure function, so a resumed run cannot lose it.
  public func learningRate(at step: Int) -> Double {
    config.lrSchedule.learningRate(base: config.optimizer.lr, step: step, of: iterations)
  }
}
