import CSegKernels
public import SegCore

/// Focal modulation of cross entropies (Lin et al. 2017): `(1 - p)^gamma · l` with `p = e^-l` of the true class,
/// element by element. The gradient goes through both factors.
///
/// Input: cross entropies of 0 or more, of any shape: a map of pixels, or one mean over a batch.
public struct FocalLosses: Op {
  public static let name = "focal_losses"
  let gamma: Float

  /// - Parameter gamma: 0 or more; 0 changes nothing.
  public init(gamma: Double) { self.gamma = Float(gamma) }

  public var traits: OpTraits { OpTraits(isCheap: true) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 1, "takes one input, found \(inputs.count)")
    try require(inputs[0].dtype == .float32, "takes float32, found \(inputs[0])")
    try require(gamma >= 0 && gamma.isFinite, "gamma is 0 or more, found \(gamma)")
    return inputs
  }

  public func run(_ call: borrowing KernelCall) {
    sk_focal_losses(
      call.pool, call.output(0), call.input(0), gamma, call.inputs[0].shape.count)
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    let op = FocalLossesGradient(gamma: gamma)
    builder.flow(try builder.emit(op, [upstream, builder.inputs[0]])[0], to: 0)
  }
}

/// `dy · ((1 - p)^gamma + gamma · (1 - p)^(gamma - 1) · p · l)`. Inputs: `dy`, `l`.
struct FocalLossesGradient: Op {
  static let name = "focal_losses_gradient"
  let gamma: Float

  var traits: OpTraits { OpTraits(inPlace: true, alsoOver: [1], accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 2 && inputs[0] == inputs[1] && inputs[0].dtype == .float32,
      "takes a gradient and losses of one type, found \(inputs)")
    return [inputs[0]]
  }

  func run(_ call: borrowing KernelCall) {
    sk_focal_losses_gradient(
      call.pool, call.output(0), call.input(0), call.input(1), gamma, call.inputs[0].shape.count,
      call.accumulateFlag(0))
  }
}
