import CSegKernels
public import SegCore

/// Softmax cross entropy of each pixel, `logsumexp(z) - z_y`: one channel, which every loss that weighs or chooses
/// pixels is made of.
///
/// Pixels labelled `ignoreIndex`, or with a label that is no class, have a loss of 0 and no gradient.
///
/// Inputs: logits `[N, H, W, C]` with 2 to 256 classes, labels `uint8[N, H, W]`. Output: `[N, H, W]`.
public struct PixelLosses: Op {
  public static let name = "pixel_losses"
  let ignoreIndex: Int

  public init(ignoreIndex: Int) { self.ignoreIndex = ignoreIndex }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 2, "takes logits and labels, found \(inputs.count) inputs")
    try checkPixels(logits: inputs[0], labels: inputs[1])
    return [TensorType(inputs[1].shape)]
  }

  public func run(_ call: borrowing KernelCall) {
    sk_pixel_losses(
      call.pool, call.output(0), call.input(0), call.input(1, as: UInt8.self),
      call.inputs[1].shape.count, call.inputs[0].shape[3], Int32(clamping: ignoreIndex))
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard builder.needs(0), let upstream = builder.upstream() else { return }
    let op = PixelLossesGradient(ignoreIndex: ignoreIndex)
    builder.flow(try builder.emit(op, builder.inputs + [upstream])[0], to: 0)
  }
}

/// `dl · (softmax(z) - onehot(y))`, the softmax computed anew. Inputs: logits, labels, `dl`.
struct PixelLossesGradient: Op {
  static let name = "pixel_losses_gradient"
  let ignoreIndex: Int

  var traits: OpTraits { OpTraits(inPlace: true, accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 3, "takes logits, labels and a gradient, found \(inputs.count)")
    let losses = try PixelLosses(ignoreIndex: ignoreIndex).infer(Array(inputs[..<2]))
    try require(inputs[2] == losses[0], "the gradient is \(losses[0]), found \(inputs[2])")
    return [inputs[0]]
  }

  func run(_ call: borrowing KernelCall) {
    sk_pixel_losses_gradient(
      call.pool, call.output(0), call.input(0), call.input(1, as: UInt8.self), call.input(2),
      call.inputs[1].shape.count, call.inputs[0].shape[3], Int32(clamping: ignoreIndex),
      call.accumulateFlag(0))
  }
}
