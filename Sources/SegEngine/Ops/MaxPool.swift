import CSegKernels
public import SegCore

/// Largest value of square windows, as `torch.nn.functional.max_pool2d`.
///
/// Padding never wins; among equals the first in window order does; NaN wins over everything.
/// - Input: `[N, H, W, C]`.
/// - Outputs: `[N, P, Q, C]` with `P = (H + 2·padding − kernel) / stride + 1`, rounded down, and the winning
///   place in each window as UInt8.
public struct MaxPool: Op {
  public static let name = "max_pool"
  public let kernel, stride, padding: Int

  public init(kernel: Int, stride: Int, padding: Int = 0) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let x = inputs[0].shape
    try require(x.rank == 4, "input is [N, H, W, C], found \(x)")
    try require(
      kernel >= 1 && kernel <= 15 && stride >= 1 && padding >= 0 && 2 * padding <= kernel,
      "kernel \(kernel), stride \(stride), padding \(padding)")
    try require(
      x[1] + 2 * padding >= kernel && x[2] + 2 * padding >= kernel,
      "input \(x[1])x\(x[2]) is smaller than the window \(kernel)x\(kernel) (padding \(padding))")
    let shape: Shape = [
      x[0], (x[1] + 2 * padding - kernel) / stride + 1, (x[2] + 2 * padding - kernel) / stride + 1,
      x[3],
    ]
    return [TensorType(shape), TensorType(shape, .uint8)]
  }

  func descriptor(input x: Shape, output y: Shape) -> sk_max_pool_shape {
    sk_max_pool_shape(
      n: Int32(x[0]), h: Int32(x[1]), w: Int32(x[2]), c: Int32(x[3]), p: Int32(y[1]),
      q: Int32(y[2]), kernel: Int32(kernel), stride: Int32(stride), padding: Int32(padding))
  }

  public func run(_ call: borrowing KernelCall) {
    var shape = descriptor(input: call.inputs[0].shape, output: call.outputs[0].shape)
    sk_max_pool(call.pool, &shape, call.output(0), call.output(1, as: UInt8.self), call.input(0))
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    let op = MaxPoolGradient(forward: self, input: builder.inputs[0].shape)
    builder.flow(try builder.emit(op, [upstream, builder.outputs[1]])[0], to: 0)
  }
}

/// Hands each window's gradient to the pixel that won it. Inputs: `dy`, winning places.
struct MaxPoolGradient: Op {
  static let name = "max_pool_gradient"
  let forward: MaxPool
  let input: Shape

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs[0].shape == inputs[1].shape, "gradient \(inputs[0]), places \(inputs[1])")
    return [TensorType(input)]
  }

  func run(_ call: borrowing KernelCall) {
    var shape = forward.descriptor(input: input, output: call.inputs[0].shape)
    sk_max_pool_gradient(
      call.pool, &shape, call.output(0), call.input(0), call.input(1, as: UInt8.self),
      call.accumulateFlag(0))
  }
}
