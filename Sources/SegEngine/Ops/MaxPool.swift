import CSegKernels
public import SegCore

/// Largest value of each window, as `torch.nn.functional.max_pool2d` (floor mode).
///
/// - `x`: `[N, H, W, C]`. Padding counts as minus infinity.
/// - Where a rewrite has made it pool an activation: mean, inverse standard deviation, gamma and beta of `x`, each `[C]`.
/// - Output 0: `[N, P, Q, C]` with `P = (H + 2·padding − kernel) / stride + 1`, rounded down; `Q`
///   likewise.
/// - Output 1: `[N, P, Q, C]`, uint8: the position in the window, row by row, for the gradient.
///
/// Of equal values the first in the window counts. NaN counts as the largest, so it is passed on.
public struct MaxPool: Op {
  public static let name = "max_pool"
  /// Edge of the square window and distance between windows, in pixels.
  package let kernel: Int
  package let stride: Int
  package let padding: Int
  /// What is pooled is `max(0, batch norm(x))`, computed while `x` is read and never stored.
  package var activatesInput = false
  /// As in `BatchNormApply`, of that normalisation.
  package var usesBatchStatistics = true

  /// - Parameters:
  ///   - kernel: 1 to 16.
  ///   - stride: at least 1.
  ///   - padding: at most half of `kernel`, so that every window reaches a pixel.
  public init(kernel: Int, stride: Int, padding: Int = 0) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let count = activatesInput ? 5 : 1
    try require(
      inputs.count == count, "takes \(count == 1 ? "one input" : "5 inputs"), found \(inputs.count)"
    )
    let shape = inputs[0].shape
    try require(
      inputs[0].dtype == .float32 && shape.rank == 4,
      "takes float32[N, H, W, C], found \(inputs[0])")
    try require((1...16).contains(kernel), "kernel is 1 to 16, found \(kernel)")
    try require(stride >= 1, "stride is at least 1, found \(stride)")
    try require(
      padding >= 0 && 2 * padding <= kernel,
      "padding is 0 to half of the kernel (\(kernel / 2)), found \(padding)")
    try require(
      shape[1] >= 1 && shape[2] >= 1 && shape[1] + 2 * padding >= kernel
        && shape[2] + 2 * padding >= kernel,
      "a window of \(kernel) with padding \(padding) does not fit into \(inputs[0])")
    if activatesInput {
      try checkChannels(inputs[0], inputs[1...], ConvolutionFusion.activationInputs)
    }
    let pooled: Shape = [shape[0], extent(shape[1]), extent(shape[2]), shape[3]]
    return [TensorType(pooled), TensorType(pooled, .uint8)]
  }

  private func extent(_ pixels: Int) -> Int { (pixels + 2 * padding - kernel) / stride + 1 }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    activatesInput ? inputs[1].byteCount : 0
  }

  public func run(_ call: borrowing KernelCall) {
    var x = sk_conv2d_input()
    x.x = call.input(0)
    if activatesInput {
      x.activation = call.activation(1, scratch: call.workspace.assumingMemoryBound(to: Float.self))
    }
    sk_max_pool(
      call.pool, call.output(0), call.output(1, as: UInt8.self), &x,
      sizes(input: call.inputs[0].shape, output: call.outputs[0].shape))
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    if activatesInput {
      try builder.differentiateActivation(
        MaxPoolActivationGradient(pool: self), [upstream, builder.outputs[1]], first: 1,
        usesBatchStatistics: usesBatchStatistics)
      return
    }
    let gradient = MaxPoolGradient(pool: self, input: builder.inputs[0].type)
    builder.flow(try builder.emit(gradient, [upstream, builder.outputs[1]])[0], to: 0)
  }

  func sizes(input: Shape, output: Shape) -> sk_pool_shape {
    sk_pool_shape(
      n: input[0], h: input[1], w: input[2], c: input[3], p: output[1], q: output[2],
      kernel: kernel, stride: stride, padding: padding)
  }
}

/// `dy` brought back to where the largest values came from. Inputs: `dy`, positions.
///
/// Each pixel gathers from the windows that cover it, in ascending order.
struct MaxPoolGradient: Op {
  static let name = "max_pool_gradient"
  let pool: MaxPool
  let input: TensorType

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let outputs = try pool.infer([input])
    try require(
      inputs == outputs,
      "gradient and positions do not belong to a pooling of \(input): \(inputs)")
    return [input]
  }

  func run(_ call: borrowing KernelCall) {
    sk_max_pool_gradient(
      call.pool, call.output(0), call.input(0), call.input(1, as: UInt8.self),
      pool.sizes(input: input.shape, output: call.inputs[0].shape), call.accumulateFlag(0))
  }
}
