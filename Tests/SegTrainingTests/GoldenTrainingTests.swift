import SegCore
import SegEngine
import SegLosses
import SegModels
import SegNN
import SegOptim
import SegTestSupport
import SegTraining
import Testing

/// Training from the same weights on the same batches as PyTorch 2.15 (`scripts/golden/training_runs.py`).
@Suite(.serialized) struct GoldenTrainingTests {
  static let runs = [
    "deeplabv3_os16_cross_entropy", "deeplabv3_os16_recall_paper", "deeplabv3_os16_recall_code",
    "deeplabv3_os16_plain_cross_entropy", "deeplabv3_os16_plain_recall_paper",
    "deeplabv3_os8_cross_entropy", "deeplabv3_os8_recall_paper",
    "deeplabv3_os16_aux_cross_entropy", "deeplabv3_os16_odd_cross_entropy",
    "deeplabv3_os16_wide_cross_entropy", "deeplabv3_os8_wide_cross_entropy",
    "fcn_os8_cross_entropy", "fcn_os8_recall_paper", "fcn_os16_aux_cross_entropy",
    "deeplabv3_resnet50_os8_cross_entropy", "deeplabv3_os32_cross_entropy",
    "deeplabv3plus_os8_aux_cross_entropy", "recall_network_cross_entropy",
    "recall_network_recall_code",
  ]

  /// First loss, every gradient of the first step, and how far the losses stray.
  @Test(arguments: runs) func follows(_ name: String) throws {
    let golden: GoldenRun = try GoldenFile.load("run_\(name)")
    let run = try GoldenTraining(golden)
    var losses: [Double] = []
    for step in 0..<golden.input.steps {
      losses.append(Double(run.step(step)))
      if step == 0 { checkGradients(golden, run) }
      if step + 1 == golden.batchNorm.afterSteps { checkStatistics(golden, run) }
    }
    let exact = golden.losses.float64
    #expect(abs(losses[0] - exact[0]) <= 1e-5, "first loss \(losses[0]), PyTorch \(exact[0])")

    // Training with batch statistics is chaotic: PyTorch's two layouts stray from its own float64 run.
    let strayed = zip(losses, exact).map { abs($0 - $1) }.max() ?? 0
    let allowed =
      [golden.losses.float32, golden.losses.float32ChannelsLast].map { layout in
        zip(layout, exact).map { abs($0 - $1) }.max() ?? 0
      }.max() ?? 0
    #expect(
      strayed <= max(10 * allowed, 1e-5), "strayed \(strayed), PyTorch's layouts \(allowed)")
  }

  /// With the backbone frozen and all statistics fixed nothing is chaotic.
  @Test(arguments: ["cross_entropy", "recall_paper"]) func headOnly(_ loss: String) throws {
    let golden: GoldenRun = try GoldenFile.load("run_deeplabv3_os16_head_only_\(loss)")
    let run = try GoldenTraining(golden)
    for step in 0..<golden.input.steps {
      let found = Double(run.step(step))
      let expected = golden.losses.float64[step]
      #expect(abs(found - expected) <= 1e-4, "step \(step): \(found), PyTorch \(expected)")
    }
  }

  private func checkGradients(_ golden: GoldenRun, _ run: GoldenTraining) {
    for expected in golden.firstStep.gradients {
      guard let parameter = run.parameter(expected.name) else {
        Issue.record("no parameter \(expected.name)")
        continue
      }
      let found = run.network.store.gradient(of: parameter)
      // Some gradients are exactly zero (a shift in front of a normalisation); there PyTorch's own float32 noise is
      // the measure. Where a rectifier's input lies closer to 0 than float32 can tell (`clearance` below 1), the sign is
      // a matter of rounding and moves gradients by per cents, in PyTorch as here.
      let share = golden.firstStep.clearance < 1 ? 2e-2 : 1e-3
      let limit = max(share * expected.maxAbs, 10 * (expected.float32Errors.max() ?? 0))
      let positions = GoldenFormula.samplePositions(
        expected.name, count: found.count, samples: expected.samples.count)
      for (position, value) in zip(positions, expected.samples) {
        let error = abs(Double(found[position]) - value)
        if error > limit {
          Issue.record(
            "\(expected.name)[\(position)]: \(found[position]), PyTorch \(value), largest \(expected.maxAbs)"
          )
          break
        }
      }
      // Every entry enters the projections; errors of 1e-3 of the largest entry add up as a random walk.
      let spread = limit * Double(found.count).squareRoot()
      for (index, pair) in zip(
        GoldenFormula.projections(expected.name, found), expected.projections
      ).enumerated()
      where abs(pair.0 - pair.1) > 4 * spread {
        Issue.record(
          "\(expected.name): projection \(index) is \(pair.0), PyTorch \(pair.1), spread \(spread)")
      }
    }
  }

  private func checkStatistics(_ golden: GoldenRun, _ run: GoldenTraining) {
    for expected in golden.batchNorm.statistics {
      guard let buffer = run.network.store.buffers.first(where: { $0.name == expected.name }) else {
        Issue.record("no buffer \(expected.name)")
        continue
      }
      let found = run.network.store.values(of: buffer)
      let positions = GoldenFormula.samplePositions(
        expected.name, count: found.count, samples: expected.samples.count)
      let scale = expected.samples.map { abs($0) }.max() ?? 0
      let allowed = max(10 * (expected.float32Errors.max() ?? 0), 1e-5 * scale)
      for (position, value) in zip(positions, expected.samples)
      where abs(Double(found[position]) - value) > allowed {
        Issue.record("\(expected.name)[\(position)]: \(found[position]), PyTorch \(value)")
        break
      }
    }
  }
}

/// A golden run's network, plan and optimiser in our engine.
struct GoldenTraining {
  let golden: GoldenRun
  let network: Network
  private let plan: TrainingPlan
  private let executor: Executor
  private let optimizer: OptimizerRunner

  init(_ golden: GoldenRun, threads: Int = 2) throws {
    self.golden = golden
    let description = golden.network
    let architecture = try #require(Architecture.named(description.architecture))
    network = Network(
      ModelOptions(
        architecture: architecture,
        backbone: try #require(Backbone(rawValue: description.backbone)),
        classes: description.classes,
        outputStride: description.outputStride, hasAuxiliaryHead: description.auxHead,
        dropout: description.dropout))
    let loss: any SegmentationLoss =
      switch golden.loss {
      case "cross_entropy": CrossEntropy()
      case "recall_paper": RecallLoss(variant: .paper)
      default: RecallLoss(variant: .recallCode)
      }
    let builder = LossBuilder(
      LossConfig(terms: [LossTermConfig(loss)]), auxiliaryWeight: description.auxWeight,
      classes: description.classes, ignoreIndex: GoldenFormula.ignoreIndex, classWeights: [nil])
    let trainable = try network.parameters(under: description.trainOnly)
    plan = try TrainingPlan(
      network, loss: builder, batch: golden.input.batch, height: golden.input.height,
      width: golden.input.width, trainable: trainable,
      fixedStatistics: description.batchNorm == "fixed" ? network.store.parameters : [])
    try network.store.reserve(gradients: true)
    let pool = ThreadPool(threads: threads)
    executor = try Executor(plan.plan, store: network.store, pool: pool)
    optimizer = try OptimizerRunner(
      SGD(momentum: 0), store: network.store, trainable: trainable, headFactor: 1, pool: pool)
    let formula = golden.formula
    for parameter in network.store.parameters {
      network.store.set(parameter, to: formula.parameter(parameter.name, parameter.filedShape))
    }
    for buffer in network.store.buffers where buffer.type.dtype == .float32 {
      network.store.set(buffer, to: formula.parameter(buffer.name, buffer.type.shape))
    }
  }

  func parameter(_ name: String) -> Parameter? {
    network.store.parameters.first { $0.name == name }
  }

  /// The loss of one step, before its update.
  func step(_ index: Int) -> Float {
    let batch = golden.batch(index)
    _ = executor.input("image").update(fromContentsOf: batch.imagesChannelsLast)
    _ = executor.input("labels", as: UInt8.self).update(fromContentsOf: batch.labels)
    executor.run(StepContext())
    let loss = executor.contents(of: plan.loss)[0]
    optimizer.update(step: index, learningRate: golden.optimizer.lr)
    return loss
  }
}
