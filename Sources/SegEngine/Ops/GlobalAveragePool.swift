import CSegKernels
public import SegCore

/// Mean over all pixels: `[N, H, W, C]` to `[N, 1, 1, C]`, summed in double.
public struct GlobalAveragePool: Op {
  public static let name = "global_average_pool"

  public init() {}

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let x = inputs[0].shape
    try require(x.rank == 4 && x[1] * x[2] > 0, "input is [N, H, W, C], found \(x)")
    return [TensorType([x[0], 1, 1, x[3]])]
  }

  public func run(_ call: borrowing KernelCall) {
    let x = call.inputs[0].shape
    sk_global_average(call.pool, call.output(0), call.input(0), x[0], x[1] * x[2], x[3])
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    let op = GlobalAveragePoolGradient(input: builder.inputs[0].shape)
    builder.flow(try builder.emit(op, [upstream])[0], to: 0)
  }
}

/// Spreads `dy` evenly over the pixels it is the mean of.
struct GlobalAveragePoolGradient: Op {
  static let name = "global_average_pool_gradient"
  let input: Shape

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs[0].shape == [input[0], 1, 1, input[3]], "gradient \(inputs[0]) of a mean over \(input)"
    )
    return [TensorType(input)]
  }

  func run(_ call: borrowing KernelCall) {
    sk_global_average_gradient(
      call.pool, call.output(0), call.input(0), input[0], input[1] * input[2], input[3],
      call.accumulateFlag(0))
  }
}
