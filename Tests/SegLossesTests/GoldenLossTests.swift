import SegCore
import SegEngine
import SegLosses
import SegTestSupport
import Testing

/// Cross entropy and recall loss against PyTorch: class weights, ignored pixels, an absent class, large logits.
@Suite struct GoldenLossTests {
  struct Run {
    var value: Double
    /// In the golden's layout `[N, C, H, W]`.
    var gradient: [Float]
  }

  @Test func followsPyTorch() throws {
    let cases = try GoldenLayers.cases("losses")
    #expect(cases.count == 15)
    for golden in cases where golden.attributes["mean"] != 0 {
      let weights = golden.inputs["weight"]?.values.map { Float($0) }
      let loss: any SegmentationLoss =
        switch golden.op {
        case "cross_entropy": CrossEntropy()
        case "recall_paper": RecallLoss(variant: .paper)
        default: RecallLoss(variant: .recallCode)
        }
      let context = try Self.context(golden, weights: weights)
      try check(golden, factor: 1) { logits, labels in
        try loss.trace(logits: logits, labels: labels, context: context)
      }
    }
  }

  /// A sum over pixels is the mean over all pixels times their number.
  @Test func sumsFollowPyTorch() throws {
    let cases = try GoldenLayers.cases("losses").filter { $0.attributes["mean"] == 0 }
    #expect(cases.count == 4)
    for golden in cases {
      let pixels = try #require(golden.inputs["target"]).values.count
      let op = PixelCrossEntropy(ignoreIndex: 255, normalization: .allPixels)
      let weights = golden.inputs["weight"]?.values.map { Float($0) }
      try check(golden, factor: Double(pixels)) { logits, labels in
        let classes = logits.shape[3]
        let weights = logits.graph.constant(
          weights ?? [Float](repeating: 1, count: classes), [classes])
        return try logits.graph.emit(op, [logits, labels, weights], path: "loss")[0]
      }
    }
  }

  /// The weights behind the recall loss: counts, hence exact up to one division.
  @Test func recallWeightsFollowTheDefinition() throws {
    let cases = try GoldenLayers.cases("losses").filter { $0.outputs["class_weights"] != nil }
    #expect(cases.count == 6)
    for golden in cases {
      let expected = try #require(golden.outputs["class_weights"]).values
      let graph = Graph()
      let (logits, labels) = try Self.inputs(graph, golden)
      let op = RecallWeights(
        ignoreIndex: 255, variant: golden.op == "recall_paper" ? .paper : .recallCode)
      let weights = try graph.emit(op, [logits, labels], path: "loss")[0]
      let executor = try Self.execute(graph, golden, keeping: [weights])
      for (found, expected) in zip(executor.contents(of: weights), expected) {
        #expect(abs(Double(found) - expected) <= 0x1p-24 * expected, "\(golden)")
      }
    }
  }

  private func check(
    _ golden: GoldenLayers.Case, factor: Double, _ trace: (Tensor, Tensor) throws -> Tensor
  ) throws {
    let graph = Graph()
    let (logits, labels) = try Self.inputs(graph, golden)
    let value = try trace(logits, labels)
    let seed = graph.constant([1], [1])
    let gradient = try #require(try graph.differentiate([(value, seed)], alsoFor: [logits])[0])
    let executor = try Self.execute(graph, golden, keeping: [value, gradient])
    let expected = try #require(golden.outputs["output"]).values[0]
    let found = factor * Double(executor.contents(of: value)[0])
    // Logits of 600 leave their own rounding in the loss; terms are summed in double.
    #expect(abs(found - expected) <= 4 * 0x1p-23 * abs(expected), "\(golden): \(found)")

    let slopes = try #require(golden.gradients["logits"])
    let shape = logits.shape
    let flat = GoldenLayout.channelsFirst(
      Array(executor.contents(of: gradient)), shape[0], channels: shape[3],
      pixels: shape[1] * shape[2])
    let scale = slopes.values.map { abs($0) }.max() ?? 0
    for (position, pair) in zip(flat, slopes.values).enumerated()
    where !(abs(factor * Double(pair.0) - pair.1) <= 8 * 0x1p-23 * scale) {
      Issue.record("\(golden): gradient[\(position)] is \(factor * Double(pair.0)), not \(pair.1)")
    }
  }

  private static func context(
    _ golden: GoldenLayers.Case, weights: [Float]?
  ) throws -> LossContext {
    LossContext(
      classes: try #require(golden.inputs["logits"]).shape[1],
      ignoreIndex: Int(try #require(golden.attributes["ignore_index"])), classWeights: weights)
  }

  private static func inputs(
    _ graph: Graph, _ golden: GoldenLayers.Case
  ) throws -> (logits: Tensor, labels: Tensor) {
    let shape = try #require(golden.inputs["logits"]).shape
    return (
      graph.input("logits", TensorType([shape[0], shape[2], shape[3], shape[1]])),
      graph.input("labels", TensorType([shape[0], shape[2], shape[3]], .uint8))
    )
  }

  private static func execute(
    _ graph: Graph, _ golden: GoldenLayers.Case, keeping: [Tensor]
  ) throws -> Executor {
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: keeping), store: store, pool: ThreadPool(threads: 2))
    executor.poison(byte: 0xFF)
    let logits = try #require(golden.inputs["logits"])
    _ = executor.input("logits").update(
      fromContentsOf: GoldenLayout.channelsLast(
        logits.values.map { Float($0) }, logits.shape[0], channels: logits.shape[1],
        pixels: logits.shape[2] * logits.shape[3]))
    let target = try #require(golden.inputs["target"])
    _ = executor.input("labels", as: UInt8.self).update(
      fromContentsOf: target.values.map { UInt8($0) })
    executor.run(StepContext())
    return executor
  }
}
