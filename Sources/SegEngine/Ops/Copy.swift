import CSegKernels
public import SegCore

/// The same values in memory of their own.
public struct Copy: Op {
  public static let name = "copy"

  public init() {}

  public var traits: OpTraits { OpTraits(accumulates: true, isCheap: true) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 1, "takes one input, found \(inputs.count)")
    return inputs
  }

  public func run(_ call: borrowing KernelCall) {
    sk_copy(
      call.pool, call.output(0), call.input(0), call.outputs[0].shape.count,
      call.accumulateFlag(0))
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    if let upstream = builder.upstream() { builder.flow(upstream, to: 0) }
  }
}
