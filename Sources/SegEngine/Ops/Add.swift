import CSegKernels
public import SegCore

/// Sum of two tensors of the same shape.
public struct Add: Op {
  public static let name = "add"

  public init() {}

  public var traits: OpTraits {
    OpTraits(inPlace: true, alsoOver: [1], accumulates: true, isCheap: true)
  }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 2, "takes two inputs, found \(inputs.count)")
    try require(inputs[0] == inputs[1], "inputs differ: \(inputs[0]) and \(inputs[1])")
    return [inputs[0]]
  }

  public func run(_ call: borrowing KernelCall) {
    sk_add(
      call.pool, call.output(0), call.input(0), call.input(1), call.outputs[0].shape.count,
      call.accumulateFlag(0))
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    builder.flow(upstream, to: 0)
    builder.flow(upstream, to: 1)
  }
}
