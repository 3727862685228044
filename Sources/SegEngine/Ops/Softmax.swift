import CSegKernels
public import SegCore

/// Softmax over the last axis, the largest subtracted first; finite for any finite input.
public struct Softmax: Op {
  public static let name = "softmax"

  public init() {}

  public var traits: OpTraits { OpTraits(inPlace: true) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let x = inputs[0].shape
    try require(x.rank >= 1 && x.count > 0, "input is […, C], found \(x)")
    return [inputs[0]]
  }

  public func run(_ call: borrowing KernelCall) {
    let (rows, classes) = Self.sizes(call.inputs[0].shape)
    sk_softmax(call.pool, call.output(0), call.input(0), rows, classes)
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    builder.flow(try builder.emit(SoftmaxGradient(), [upstream, builder.outputs[0]])[0], to: 0)
  }

  static func sizes(_ shape: Shape) -> (rows: Int, classes: Int) {
    let classes = shape.dims.last ?? 1
    return (shape.count / max(1, classes), classes)
  }
}

/// `y · (dy − Σ dy·y)`. Inputs: `dy`, `y`.
struct SoftmaxGradient: Op {
  static let name = "softmax_gradient"

  var traits: OpTraits { OpTraits(inPlace: true, accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs[0] == inputs[1], "gradient and output differ: \(inputs)")
    return [inputs[0]]
  }

  func run(_ call: borrowing KernelCall) {
    let (rows, classes) = Softmax.sizes(call.inputs[0].shape)
    sk_softmax_gradient(
      call.pool, call.output(0), call.input(0), call.input(1), rows, classes,
      call.accumulateFlag(0))
  }
}
