import SegCore
import SegEngine
import Testing

/// A loss on resized logits with its gradient, by separate operations or by the fused ones.
struct ResizedLossRun {
  /// Which operations compute it.
  enum Form: CaseIterable { case separate, fused }

  var shape: Shape
  var height: Int
  var width: Int
  var corners = false
  var normalization = PixelCrossEntropy.Normalization.validPixels
  /// Class weights, or `nil` for those of the recall loss.
  var weights: [Float]?
  var recall = RecallWeights.Variant.paper
  var logits: [Float]
  var labels: [UInt8]

  struct Result {
    var loss: Float
    var normaliser: Double
    var weights: [Float]
    var gradient: [Float]

    var bits: [UInt64] {
      [UInt64(loss.bitPattern), normaliser.bitPattern]
        + (weights + gradient).map { UInt64($0.bitPattern) }
    }
  }

  func run(
    _ form: Form, threads: Int = 2, variant: VectorVariant = .current
  ) throws -> Result {
    let graph = Graph()
    let z = graph.input("logits", TensorType(shape))
    let y = graph.input("labels", TensorType([shape[0], height, width], .uint8))
    let resize = ResizeBilinear(height: height, width: width, alignCorners: corners)
    let counting = RecallWeights(ignoreIndex: 255, variant: recall)
    let entropy = PixelCrossEntropy(ignoreIndex: 255, normalization: normalization)
    var w = graph.constant(weights ?? [], [weights?.count ?? 0])
    let outputs: [Tensor]
    switch form {
    case .separate:
      let resized = try graph.emit(resize, [z], path: "resize")[0]
      if weights == nil { w = try graph.emit(counting, [resized, y], path: "loss")[0] }
      outputs = try graph.emit(entropy, [resized, y, w], path: "loss")
    case .fused:
      let counting = ResizedRecallWeights(resize, counting)
      if weights == nil { w = try graph.emit(counting, [z, y], path: "loss")[0] }
      let entropy = ResizedCrossEntropy(resize, entropy, withGradient: true)
      outputs = try graph.emit(entropy, [z, y, w], path: "loss")
    }
    let upstream = graph.constant([0.5], [1])
    let gradient = try #require(
      try graph.differentiate([(outputs[0], upstream)], alsoFor: [z])[0])
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: outputs.prefix(2) + [gradient, w]), store: store,
      pool: ThreadPool(threads: threads, variant: variant))
    _ = executor.input("logits").update(fromContentsOf: logits)
    _ = executor.input("labels", as: UInt8.self).update(fromContentsOf: labels)
    executor.poison(byte: 0xFF)
    executor.run(StepContext())
    return Result(
      loss: executor.contents(of: outputs[0])[0],
      normaliser: executor.contents(of: outputs[1], as: Double.self)[0],
      weights: weights ?? Array(executor.contents(of: w)),
      gradient: Array(executor.contents(of: gradient)))
  }

  /// With random logits and labels in patches, some of them no class.
  static func random(
    _ shape: Shape, _ height: Int, _ width: Int, corners: Bool = false, weighted: Bool = true
  ) -> ResizedLossRun {
    let classes = shape[3]
    var rng = CounterRNG(seed: 4, stream: UInt64(shape.count))
    let labels = (0..<shape[0] * height * width).map { pixel in
      let patch = pixel % width / 5 + pixel / width / 3
      let label = rng.uniform() < 0.1 ? rng.integer(in: 0..<256) : patch % (classes + 1)
      return label == classes ? 255 : UInt8(label)
    }
    return ResizedLossRun(
      shape: shape, height: height, width: width, corners: corners,
      weights: weighted ? OpRun.floats(classes, in: 0.2...2) : nil,
      logits: OpRun.floats(shape.count, in: -4...4), labels: labels)
  }
}
