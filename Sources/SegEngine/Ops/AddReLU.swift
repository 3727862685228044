import CSegKernels
public import SegCore

/// Rectified sum of two tensors of the same shape, `max(0, a + b)`, in one pass. NaN stays NaN.
public struct AddReLU: Op {
  public static let name = "add_relu"

  public init() {}

  public var traits: OpTraits { OpTraits(inPlace: true, alsoOver: [1], isCheap: true) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try Add().infer(inputs)
  }

  public func run(_ call: borrowing KernelCall) {
    sk_add_relu(
      call.pool, call.output(0), call.input(0), call.input(1), call.outputs[0].shape.count)
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    let gradient = try builder.emit(ReLUGradient(), [upstream, builder.outputs[0]])[0]
    builder.flow(gradient, to: 0)
    builder.flow(gradient, to: 1)
  }
}
