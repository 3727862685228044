import CSegKernels
public import SegCore

/// Mean over all pixels: `[N, H, W, C]` to `[N, 1, 1, C]`, summed in double in a fixed order.
public struct GlobalAveragePool: Op {
  public static let name = "global_average_pool"

  public init() {}

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 1, "takes one input, found \(inputs.count)")
    let shape = inputs[0].shape
    try require(
      inputs[0].dtype == .float32 && shape.rank == 4,
      "takes float32[N, H, W, C], found \(inputs[0])")
    try require(shape[1] >= 1 && shape[2] >= 1, "there are no pixels in \(inputs[0])")
    return [TensorType([shape[0], 1, 1, shape[3]])]
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    let shape = inputs[0].shape
    return sk_global_average_pool_workspace(shape[0], shape[1] * shape[2], shape[3])
  }

  public func run(_ call: borrowing KernelCall) {
    let shape = call.inputs[0].shape
    sk_global_average_pool(
      call.pool, call.output(0), call.input(0), shape[0], shape[1] * shape[2], shape[3],
      call.workspace)
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    let gradient = GlobalAveragePoolGradient(input: builder.inputs[0].type)
    builder.flow(try builder.emit(gradient, [upstream])[0], to: 0)
  }
}

/// `dy / (H·W)` at every pixel. Input: `dy`.
struct GlobalAveragePoolGradient: Op {
  static let name = "global_average_pool_gradient"
  let input: TensorType

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let outputs = try GlobalAveragePool().infer([input])
    try require(
      inputs == outputs,
      "gradient does not belong to a mean of \(input): \(inputs)")
    return [input]
  }

  func run(_ call: borrowing KernelCall) {
    let shape = input.shape
    sk_global_average_pool_gradient(
      call.pool, call.output(0), call.input(0), shape[0], shape[1] * shape[2], shape[3],
      call.accumulateFlag(0))
  }
}
