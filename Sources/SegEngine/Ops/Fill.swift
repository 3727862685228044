import CSegKernels
public import SegCore

/// A tensor of one value: the seed of every gradient.
public struct Fill: Op {
  public static let name = "fill"
  let value: Float
  let shape: Shape

  public init(value: Float, shape: Shape) {
    self.value = value
    self.shape = shape
  }

  public var traits: OpTraits { OpTraits(accumulates: true) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.isEmpty, "takes no input, found \(inputs.count)")
    return [TensorType(shape)]
  }

  public func run(_ call: borrowing KernelCall) {
    sk_fill(call.pool, call.output(0), value, shape.count, call.accumulateFlag(0))
  }
}
