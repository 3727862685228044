import CSegKernels
public import SegCore

/// `PixelCrossEntropy` of the output of `ResizeBilinear`, in one pass that keeps no logits of the new size, and the
/// gradient along with it.
///
/// The same definitions, up to rounding. Only a logit that is not a number spreads further, over up to 16 pixels
/// of a row.
///
/// Inputs: logits `[N, H, W, C]` with 2 to 256 classes, labels `uint8[N, height, width]`, class weights `[C]` (not
/// differentiated). Outputs: loss `[1]`, the normaliser `float64[1]`, and where `withGradient` the gradient of the
/// loss with respect to the logits, without which it cannot be differentiated.
public struct ResizedCrossEntropy: Op {
  public static let name = "resized_cross_entropy"
  let resize: ResizeBilinear
  let entropy: PixelCrossEntropy
  let withGradient: Bool

  public init(_ resize: ResizeBilinear, _ entropy: PixelCrossEntropy, withGradient: Bool) {
    self.resize = resize
    self.entropy = entropy
    self.withGradient = withGradient
  }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 3, "takes logits, labels and class weights, found \(inputs.count) inputs")
    let resized = try resize.infer([inputs[0]])
    let outputs = try entropy.infer(resized + inputs.dropFirst())
    return outputs + (withGradient ? [inputs[0]] : [])
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_resized_cross_entropy_workspace(resize.sizes(inputs[0].shape), withGradient ? 1 : 0)
  }

  public func run(_ call: borrowing KernelCall) {
    sk_resized_cross_entropy(
      call.pool, call.output(0), call.output(1, as: Double.self),
      withGradient ? call.output(2) : nil, call.input(0), call.input(1, as: UInt8.self),
      call.input(2), resize.sizes(call.inputs[0].shape), Int32(clamping: entropy.ignoreIndex),
      entropy.normalization.code, call.workspace)
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard builder.needs(0), let upstream = builder.upstream() else { return }
    try require(withGradient, "was traced without its gradient")
    let gradient = try builder.emit(ScaledGradient(), [builder.outputs[2], upstream])
    builder.flow(gradient[0], to: 0)
  }
}
