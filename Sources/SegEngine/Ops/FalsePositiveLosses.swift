import CSegKernels
public import SegCore

/// `-log(1 - p_k + 1e-9)` of each pixel that is predicted as a class k it does not belong to; 0 elsewhere.
///
/// The prediction is the largest logit, the first of equals, and constant in the gradient.
///
/// Inputs: logits `[N, H, W, C]` with 2 to 255 classes, labels `uint8[N, H, W]`. Outputs: losses `[N, H, W]` and
/// predictions `uint8[N, H, W]`, `noPrediction` wherever a pixel takes no part.
public struct FalsePositiveLosses: Op {
  public static let name = "false_positive_losses"
  /// Stands in the predictions for a pixel that is ignored or predicted rightly.
  public static let noPrediction = Int(SK_NO_PREDICTION)
  let ignoreIndex: Int

  public init(ignoreIndex: Int) { self.ignoreIndex = ignoreIndex }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 2, "takes logits and labels, found \(inputs.count) inputs")
    try checkPixels(logits: inputs[0], labels: inputs[1])
    try require(
      inputs[0].shape[3] <= Self.noPrediction, "takes 2 to 255 classes, found \(inputs[0].shape[3])"
    )
    return [TensorType(inputs[1].shape), inputs[1]]
  }

  public func run(_ call: borrowing KernelCall) {
    sk_false_positive_losses(
      call.pool, call.output(0), call.output(1, as: UInt8.self), call.input(0),
      call.input(1, as: UInt8.self), call.inputs[1].shape.count, call.inputs[0].shape[3],
      Int32(clamping: ignoreIndex))
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard builder.needs(0), let upstream = builder.upstream() else { return }
    let inputs = [builder.inputs[0], builder.outputs[1], upstream]
    builder.flow(try builder.emit(FalsePositiveLossesGradient(), inputs)[0], to: 0)
  }
}

/// `dl · p_k / (1 - p_k + 1e-9) · (onehot(k) - p)`. Inputs: logits, predictions, `dl`.
struct FalsePositiveLossesGradient: Op {
  static let name = "false_positive_losses_gradient"

  var traits: OpTraits { OpTraits(inPlace: true, accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 3, "takes logits, predictions and a gradient, found \(inputs.count)")
    try checkPixels(logits: inputs[0], labels: inputs[1])
    try require(
      inputs[2] == TensorType(inputs[1].shape),
      "the gradient is float32\(inputs[1].shape), found \(inputs[2])")
    return [inputs[0]]
  }

  func run(_ call: borrowing KernelCall) {
    sk_false_positive_losses_gradient(
      call.pool, call.output(0), call.input(0), call.input(1, as: UInt8.self), call.input(2),
      call.inputs[1].shape.count, call.inputs[0].shape[3], call.accumulateFlag(0))
  }
}
