import CSegKernels
public import SegCore

/// `e^x / Σ e^x` over the last axis, e.g. the classes of `[N, H, W, C]`.
///
/// The largest value is subtracted first, so logits of any finite size give finite probabilities.
public struct Softmax: Op {
  public static let name = "softmax"

  public init() {}

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 1, "takes one input, found \(inputs.count)")
    try require(
      inputs[0].dtype == .float32 && (inputs[0].shape.dims.last ?? 0) >= 1,
      "takes float32 with a last axis of at least 1, found \(inputs[0])")
    return inputs
  }

  public func run(_ call: borrowing KernelCall) {
    let sizes = call.outputs[0].rowsAndClasses
    sk_softmax(call.pool, call.output(0), call.input(0), sizes.rows, sizes.classes)
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    builder.flow(try builder.emit(SoftmaxGradient(), [upstream, builder.outputs[0]])[0], to: 0)
  }
}

/// `y · (dy − Σ dy·y)`. Inputs: `dy`, `y`.
struct SoftmaxGradient: Op {
  static let name = "softmax_gradient"

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 2 && inputs[0] == inputs[1], "gradient and output differ: \(inputs)")
    return [inputs[0]]
  }

  func run(_ call: borrowing KernelCall) {
    let sizes = call.outputs[0].rowsAndClasses
    sk_softmax_gradient(
      call.pool, call.output(0), call.input(0), call.input(1), sizes.rows, sizes.classes,
      call.accumulateFlag(0))
  }
}

extension TensorType {
  fileprivate var rowsAndClasses: (rows: Int, classes: Int) {
    (shape.dims.dropLast().reduce(1, *), shape.dims.last ?? 1)
  }
}
