import SegCore
import SegEngine
import SegLosses
import Testing

/// Values and gradients are among those of `PixelFixtureTests`.
@Suite struct RecallLossTests {
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

  /// Three training batches with a moving average that starts at 1, by hand: the new weights' part is a quarter, and a
  /// class that a batch has no pixel of keeps its average.
  @Test func movingAverage() throws {
    let loss = RecallLoss(ema: 0.25)
    let store = ParameterStore()
    let state = loss.state(classes: 3).map { store.declareRunBuffer($0.name, $0.shape) }
    #expect(loss.state(classes: 3).map(\.start) == [1])
    let graph = Graph()
    let logits = graph.input("logits", TensorType([2, 2, 2, 3]))
    let labels = graph.input("labels", TensorType([2, 2, 2], .uint8))
    var context = LossFixture.context()
    context.state = state
    let value = try loss.trace(logits: logits, labels: labels, context: context)
    try store.reserve(gradients: false)
    store.set(state[0], to: [1, 1, 1])
    let executor = try Executor(
      Plan(graph, keeping: [value]), store: store, pool: ThreadPool(threads: 2))
    var weights = [1.0, 1, 1]
    for target in [LossFixture.labelsA, [0, 0, 1, 1, 0, 1, 0, 255], LossFixture.labelsB] {
      let sample = LossSample.fixture(target)
      for (label, rate) in missRates(sample, floor: 0).enumerated()
      where sample.valid.contains(where: { Int(sample.labels[$0]) == label }) {
        weights[label] = 0.25 * rate + 0.75 * weights[label]
      }
      let losses = sample.valid.map { sample.crossEntropy($0) * weights[Int(sample.labels[$0])] }
      let expected = losses.reduce(0, +) / Double(sample.valid.count)
      _ = executor.input("logits").update(fromContentsOf: sample.logits.map { Float($0) })
      _ = executor.input("labels", as: UInt8.self).update(fromContentsOf: target)
      executor.run(StepContext())
      #expect(abs(Double(executor.contents(of: value)[0]) - expected) <= 1e-6 * expected)
    }
  }

  /// Scoring needs nothing but the model.
  @Test func evaluationHasNoMovingAverage() throws {
    let graph = Graph(.inference)
    let logits = graph.input("logits", TensorType([2, 2, 2, 3]))
    let labels = graph.input("labels", TensorType([2, 2, 2], .uint8))
    let value = try RecallLoss(ema: 0.25).trace(
      logits: logits, labels: labels, context: LossFixture.context())
    let operations = Plan(graph, keeping: [value]).layers.map(\.operation)
    #expect(operations == ["recall_weights", "pixel_cross_entropy"])
    let training = Graph()
    let error = #expect(throws: ShapeError.self) {
      _ = try RecallLoss(ema: 0.25).trace(
        logits: training.input("logits", TensorType([2, 2, 2, 3])),
        labels: training.input("labels", TensorType([2, 2, 2], .uint8)),
        context: LossFixture.context())
    }
    #expect(
      error?.description == "loss: recall: has no memory for its moving average in this graph")
  }
}
