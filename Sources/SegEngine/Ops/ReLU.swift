import CSegKernels
public import SegCore

/// Rectified linear unit, `max(0, x)`, any shape. NaN stays NaN.
public struct ReLU: Op {
  public static let name = "relu"

  public init() {}

  public var traits: OpTraits { OpTraits(inPlace: true, isCheap: true) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 1, "takes one input, found \(inputs.count)")
    return inputs
  }

  public func run(_ call: borrowing KernelCall) {
    sk_relu(call.pool, call.output(0), call.input(0), call.outputs[0].shape.count)
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    // The output tells where the input was positive, so the input need not be kept.
    builder.flow(try builder.emit(ReLUGradient(), [upstream, builder.outputs[0]])[0], to: 0)
  }
}

/// `dy` where the rectifier let its input through, else 0. Inputs: `dy`, `y`.
struct ReLUGradient: Op {
  static let name = "relu_gradient"

  var traits: OpTraits { OpTraits(inPlace: true, alsoOver: [1], accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 2 && inputs[0] == inputs[1], "gradient and output differ: \(inputs)")
    return [inputs[0]]
  }

  func run(_ call: borrowing KernelCall) {
    sk_relu_gradient(
      call.pool, call.output(0), call.input(0), call.input(1), call.outputs[0].shape.count,
      call.accumulateFlag(0))
  }
}
