import SegCore
import SegEngine
import SegLosses
import Testing

@Suite struct RecallLossTests {
  // Float64 re-computation of the published equation (paper) and of the authors' published class run
  // in PyTorch (code, labels A; B with its ignored pixel weighing 0).
  @Test(
    arguments: [
      (.paper, LossFixture.labelsA, 0.6803711006), (.paper, LossFixture.labelsB, 0.8978364156),
      (.recallCode, LossFixture.labelsA, 0.6915515571),
      (.recallCode, LossFixture.labelsB, 0.7967873202),
    ] as [(LossVariant, [UInt8], Double)])
  func agrees(_ variant: LossVariant, _ labels: [UInt8], _ expected: Double) throws {
    let result = try LossFixture.evaluate(
      RecallLoss(variant: variant), LossFixture.context(), labels: labels)
    #expect(abs(result.value - expected) < 1e-6)
  }

  @Test func gradientOfThePublishedCode() throws {
    let gradient = try LossFixture.evaluate(
      RecallLoss(variant: .recallCode), LossFixture.context(), labels: LossFixture.labelsA
    ).gradient
    for (found, expected) in zip(gradient[0], [-0.0587125982, 0.0555868327, 0.0031257655]) {
      #expect(abs(found - expected) < 1e-7)
    }
    let squares = gradient.flatMap { $0 }.map { $0 * $0 }.reduce(0, +)
    #expect(abs(squares - 0.0254535687) < 1e-8)
  }

  /// The weights themselves, from the predictions 1 0 0 2 1 1 0 2.
  @Test(
    arguments: [
      (.recallCode, LossFixture.labelsA, [0.6, 0.5, 1]),
      (.recallCode, LossFixture.labelsB, [0.75, 0.5, 1]),
      (.paper, LossFixture.labelsA, [0.6, 0.5, 0]), (.paper, LossFixture.labelsB, [0.75, 0.5, 0]),
    ] as [(RecallWeights.Variant, [UInt8], [Float])])
  func weights(_ variant: RecallWeights.Variant, _ labels: [UInt8], _ expected: [Float]) throws {
    let graph = Graph()
    let logits = graph.input("logits", TensorType([2, 2, 2, 3]))
    let target = graph.input("labels", TensorType([2, 2, 2], .uint8))
    let weights = try graph.emit(
      RecallWeights(ignoreIndex: 255, variant: variant), [logits, target], path: "loss")[0]
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: [weights]), store: store, pool: ThreadPool(threads: 2))
    let z = executor.input("logits")
    for (pixel, prediction) in [1, 0, 0, 2, 1, 1, 0, 2].enumerated() {
      for channel in 0..<3 { z[pixel * 3 + channel] = channel == prediction ? 1 : 0 }
    }
    let y = executor.input("labels", as: UInt8.self)
    for (pixel, label) in labels.enumerated() { y[pixel] = label }
    executor.run(StepContext())
    #expect(Array(executor.contents(of: weights)) == expected)
  }
}
