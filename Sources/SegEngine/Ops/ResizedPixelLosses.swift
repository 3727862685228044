import CSegKernels
public import SegCore

/// `PixelLosses` of the output of `ResizeBilinear`, forwards and backwards over bands of rows: no logits of the new size
/// are stored.
///
/// The same definitions, up to rounding. Only a logit that is not a number spreads further, over up to 16 pixels
/// of a row.
///
/// Inputs: logits `[N, H, W, C]` with 2 to 256 classes, labels `uint8[N, height, width]`. Output: `[N, height, width]`.
public struct ResizedPixelLosses: Op {
  public static let name = "resized_pixel_losses"
  let resize: ResizeBilinear
  let losses: PixelLosses

  public init(_ resize: ResizeBilinear, _ losses: PixelLosses) {
    self.resize = resize
    self.losses = losses
  }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 2, "takes logits and labels, found \(inputs.count) inputs")
    return try losses.infer(resize.infer([inputs[0]]) + [inputs[1]])
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_resized_pixel_losses_workspace(resize.sizes(inputs[0].shape), 0)
  }

  public func run(_ call: borrowing KernelCall) {
    sk_resized_pixel_losses(
      call.pool, call.output(0), call.input(0), call.input(1, as: UInt8.self),
      resize.sizes(call.inputs[0].shape), Int32(clamping: losses.ignoreIndex), call.workspace)
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard builder.needs(0), let upstream = builder.upstream() else { return }
    let op = ResizedPixelLossesGradient(forward: self)
    builder.flow(try builder.emit(op, builder.inputs + [upstream])[0], to: 0)
  }
}

/// Inputs: logits before the resize, labels, `dl` `[N, height, width]`.
struct ResizedPixelLossesGradient: Op {
  static let name = "resized_pixel_losses_gradient"
  let forward: ResizedPixelLosses

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 3, "takes logits, labels and a gradient, found \(inputs.count)")
    let losses = try forward.infer(Array(inputs[..<2]))
    try require(inputs[2] == losses[0], "the gradient is \(losses[0]), found \(inputs[2])")
    return [inputs[0]]
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_resized_pixel_losses_workspace(forward.resize.sizes(inputs[0].shape), 1)
  }

  func run(_ call: borrowing KernelCall) {
    sk_resized_pixel_losses_gradient(
      call.pool, call.output(0), call.input(0), call.input(1, as: UInt8.self), call.input(2),
      forward.resize.sizes(call.inputs[0].shape), Int32(clamping: forward.losses.ignoreIndex),
      call.accumulateFlag(0), call.workspace)
  }
}
