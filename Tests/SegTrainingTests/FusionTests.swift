import SegCore
import SegEngine
import SegModels
import SegOptim
import SegTestSupport
import SegTraining
import Testing

/// A whole DeepLabV3 with and without rewrites.
@Suite(.serialized) struct FusionTests {
  /// In training rewrites change what is rounded where, and nothing else; where values lie changes no bit.
  @Test(arguments: [nil, ["classifier"]] as [[String]?])
  func trainingIsTheSame(_ trainOnly: [String]?) throws {
    let plain = try SmallTraining(engine: EngineConfig(fusion: false), trainOnly: trainOnly)
    let fused = try SmallTraining(trainOnly: trainOnly)
    let separate = try SmallTraining(placement: .separate, trainOnly: trainOnly)
    #expect(fused.training.plan.layers.count < plain.training.plan.layers.count)
    for step in 0..<2 {
      for run in [plain, fused, separate] {
        run.executor.poison(byte: 0xFF)
        run.run(step)
      }
      // Later steps start from weights that differ.
      if step == 0 { #expect(fused.distance(from: plain) <= Self.rounding) }
      #expect(separate.difference(from: fused) == nil)
      for run in [plain, fused, separate] { run.update(step) }
    }
  }

  @Test func gradientsAccumulate() throws {
    let plain = try SmallTraining(engine: EngineConfig(fusion: false))
    let fused = try SmallTraining(threads: 3)
    for run in [plain, fused] {
      run.run(0)
      run.run(1, accumulating: true)
    }
    #expect(fused.distance(from: plain) <= Self.rounding)
  }

  /// As far as gradients may be from those of PyTorch, see `GoldenTrainingTests`.
  private static let rounding: Float = 1e-3

  /// Logits of the same picture while the weights change.
  @Test func inferenceFollowsTraining() throws {
    let run = try SmallTraining()
    let pool = ThreadPool(threads: 2)
    let key = InferencePlan.Key(
      batch: SmallTraining.batch, height: SmallTraining.height, width: SmallTraining.width,
      outputHeight: SmallTraining.height, outputWidth: SmallTraining.width, scoresLoss: false)
    let kept = InferenceRunner(run.network, pool: pool)
    func logits(_ runner: InferenceRunner) throws -> [Float] {
      try run.executor.input("image").withMemoryRebound(to: Float.self) { images in
        try withExtendedLifetime(runner) {
          Array(try runner.run(key, images: UnsafeBufferPointer(images)).logits)
        }
      }
    }
    var last: [Float] = []
    for step in 0..<3 {
      run.run(step)
      run.update(step)
      run.fill(0)
      let found = try logits(kept)
      #expect(found != last)
      #expect(try logits(InferenceRunner(run.network, pool: pool)) == found)
      #expect(try logits(kept) == found)
      last = found
      // Folding rounds the weights of each of some twenty layers once more.
      let plain = try logits(
        InferenceRunner(run.network, engine: EngineConfig(fusion: false), pool: pool))
      let scale = plain.map { abs($0) }.max() ?? 0
      let error = zip(found, plain).map { abs($0 - $1) }.max() ?? .infinity
      #expect(error <= 1e-5 * scale, "\(error) of \(scale)")
    }
  }

  /// What inference of a network without rewrites would do for every picture is done once.
  @Test func nothingOfNormalisationIsLeft() throws {
    let key = InferencePlan.Key(
      batch: 1, height: 64, width: 96, outputHeight: 64, outputWidth: 96, scoresLoss: false)
    let plan = try InferencePlan(SmallTraining.network(), key, loss: nil).plan
    let operations = plan.steps.dropFirst(plan.preparationCount).map { type(of: $0.op).name }
    #expect(!operations.contains("batch_norm_apply") && !operations.contains("add"))
    // Sums with a residual and rectifiers are part of convolutions.
    #expect(!operations.contains("add_relu") && !operations.contains("relu"))
    #expect(plan.preparedBytes > 0)
  }
}
