import SegEngine
import SegOptim
import SegTestSupport
import Testing

/// Optimisers and learning rates against PyTorch, from the files its scripts wrote.
@Suite struct GoldenOptimizerTests {
  /// Five steps on gradients one of which is always 0 and one tiny.
  @Test func optimizersFollowPyTorch() throws {
    var left: [String] = []
    for golden in try GoldenLayers.cases("optimizers") {
      guard let optimizer = Self.optimizer(golden) else {
        left.append(golden.name)
        continue
      }
      let rate = try #require(golden.attributes["lr"])
      let start = try #require(golden.inputs["parameter"]).values.map { Float($0) }
      let pool = ThreadPool(threads: 2)
      let run = OptimizerRun(optimizer, parameters: start)
      for step in 1...5 {
        let gradient = try #require(golden.inputs["gradient_\(step)"])
        for (index, value) in gradient.values.enumerated() { run.gradients[index] = Float(value) }
        run.update(step: step, learningRate: rate, pool: pool)
        let expected = try #require(golden.outputs["parameter_\(step)"]).values
        for (found, expected) in zip(run.parameters, expected) {
          // Each step rounds the parameter once and its move a few times; moves are at most 0.3.
          let limit = 0x1p-24 * Double(step) * (abs(expected) + 1)
          #expect(abs(Double(found) - expected) <= limit, "\(golden), step \(step)")
        }
      }
    }
    #expect(left == ["sgd nesterov", "adamw"], "not in this version")
  }

  private static func optimizer(_ golden: GoldenLayers.Case) -> (any Optimizer)? {
    let attributes = golden.attributes
    let decay = attributes["weight_decay"] ?? 0
    switch golden.op {
    case "sgd" where attributes["nesterov"] == nil:
      return SGD(momentum: attributes["momentum"] ?? 0, weightDecay: decay)
    case "adam":
      return Adam(
        beta1: attributes["beta1"] ?? 0.9, beta2: attributes["beta2"] ?? 0.999,
        epsilon: attributes["eps"] ?? 1e-8, weightDecay: decay)
    default: return nil
    }
  }

  @Test func schedulesFollowPyTorch() throws {
    let cases = try GoldenLayers.cases("schedules")
    #expect(cases.count == 5)
    for golden in cases {
      let schedule = try Self.schedule(golden)
      let factors = try #require(golden.outputs["factor"]).values
      for (iteration, expected) in factors.enumerated() {
        let found = schedule.learningRate(base: 1, iteration: iteration, total: 10)
        // Twelve digits are recorded.
        #expect(abs(found - expected) <= 1e-12, "\(golden), iteration \(iteration)")
      }
    }
  }

  private static func schedule(_ golden: GoldenLayers.Case) throws -> any LearningRateSchedule {
    let attributes = golden.attributes
    switch golden.op {
    case "poly": return Poly(power: try #require(attributes["power"]))
    case "linear": return Linear()
    case "cosine": return Cosine()
    default:
      return Step(
        .every(Int(try #require(attributes["every"]))), factor: try #require(attributes["factor"]))
    }
  }
}
