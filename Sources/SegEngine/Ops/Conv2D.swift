import CSegKernels
public import SegCore

/// Two-dimensional convolution (cross-correlation), as `torch.nn.functional.conv2d`.
///
/// - Inputs: `x` `[N, H, W, C]`, weight `[R, S, C, K]` (files hold `[K, C, R, S]`), optionally bias `[K]`.
/// - Output: `[N, P, Q, K]` with `P = (H + 2·padding − dilation·(R − 1) − 1) / stride + 1`, rounded
///   down; `Q` likewise.
/// - Cost: `2·N·P·Q·K·R·S·C` flops.
/// - Note: the gradient of the weight is summed over pixels in ascending order.
public struct Conv2D: Op {
  public static let name = "conv2d"
  /// In pixels, the same for both axes.
  public let stride, padding, dilation: Int

  public init(stride: Int = 1, padding: Int = 0, dilation: Int = 1) {
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 2 || inputs.count == 3, "takes x, weight and bias, found \(inputs.count)")
    let (x, weight) = (inputs[0].shape, inputs[1].shape)
    try require(x.rank == 4, "input is [N, H, W, C], found \(x)")
    try require(weight.rank == 4, "weight is [R, S, C, K], found \(weight)")
    try require(
      x[3] == weight[2],
      "input \(x) has \(x[3]) channels, weight \(weight) (R, S, C, K) expects \(weight[2])")
    try require(
      stride >= 1 && dilation >= 1 && padding >= 0,
      "stride \(stride), dilation \(dilation), padding \(padding)")
    try require(
      weight[0] * weight[1] <= 1024, "kernel \(weight[0])x\(weight[1]) has more than 1024 taps")
    if inputs.count == 3 {
      try require(
        inputs[2].shape == [weight[3]], "bias is [\(weight[3])], found \(inputs[2].shape)")
    }
    let (height, width) = (extent(x[1], weight[0]), extent(x[2], weight[1]))
    try require(
      height >= 1 && width >= 1,
      "input \(x[1])x\(x[2]) is smaller than the kernel \(weight[0])x\(weight[1]) (dilation \(dilation), padding \(padding))"
    )
    return [TensorType([x[0], height, width, weight[3]])]
  }

  /// Output pixels along an axis of `size` input pixels and `kernel` taps.
  func extent(_ size: Int, _ kernel: Int) -> Int {
    let room = size + 2 * padding - dilation * (kernel - 1) - 1
    return room < 0 ? 0 : room / stride + 1
  }

  func descriptor(input x: Shape, weight: Shape) -> sk_conv2d {
    sk_conv2d(
      n: Int32(x[0]), h: Int32(x[1]), w: Int32(x[2]), c: Int32(x[3]),
      p: Int32(extent(x[1], weight[0])), q: Int32(extent(x[2], weight[1])), k: Int32(weight[3]),
      r: Int32(weight[0]), s: Int32(weight[1]),
      stride: Int32(stride), padding: Int32(padding), dilation: Int32(dilation))
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    var conv = descriptor(input: inputs[0].shape, weight: inputs[1].shape)
    return sk_conv2d_forward_bytes(&conv, Int32(workers))
  }

  public func multiplyAdds(_ inputs: [TensorType]) -> Int {
    let (x, weight) = (inputs[0].shape, inputs[1].shape)
    return x[0] * extent(x[1], weight[0]) * extent(x[2], weight[1]) * weight.count
  }

  public func run(_ call: borrowing KernelCall) {
    var conv = descriptor(input: call.inputs[0].shape, weight: call.inputs[1].shape)
    sk_conv2d_forward(
      call.pool, &conv, call.output(0), call.input(0), call.input(1),
      call.inputs.count == 3 ? call.input(2) : nil, call.workspace)
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    let (x, weight) = (builder.inputs[0], builder.inputs[1])
    // Weights first: the input's gradient may then be written over what is no longer needed.
    if builder.needs(1) {
      let op = Conv2DWeightGradient(forward: self, weight: weight.shape)
      builder.flow(try builder.emit(op, [x, upstream])[0], to: 1)
    }
    if builder.inputs.count == 3, builder.needs(2) {
      builder.flow(try builder.emit(ChannelSum(), [upstream])[0], to: 2)
    }
    if builder.needs(0) {
      let op = Conv2DInputGradient(forward: self, input: x.shape)
      builder.flow(try builder.emit(op, [upstream, weight])[0], to: 0)
    }
  }
}

/// Gradient of a convolution's input. Inputs: `dy` `[N, P, Q, K]`, weight; output `[N, H, W, C]`.
struct Conv2DInputGradient: Op {
  static let name = "conv2d_input_gradient"
  let forward: Conv2D
  let input: Shape

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let expected = try forward.infer([TensorType(input), inputs[1]])[0]
    try require(inputs[0] == expected, "gradient is \(expected), found \(inputs[0])")
    return [TensorType(input)]
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    var conv = forward.descriptor(input: input, weight: inputs[1].shape)
    return sk_conv2d_input_gradient_bytes(&conv, Int32(workers))
  }

  func run(_ call: borrowing KernelCall) {
    var conv = forward.descriptor(input: input, weight: call.inputs[1].shape)
    sk_conv2d_input_gradient(
      call.pool, &conv, call.output(0), call.input(0), call.input(1), call.accumulateFlag(0),
      call.workspace)
  }
}

/// Gradient of a convolution's weight. Inputs: `x`, `dy`; output `[R, S, C, K]`.
struct Conv2DWeightGradient: Op {
  static let name = "conv2d_weight_gradient"
  let forward: Conv2D
  let weight: Shape

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let expected = try forward.infer([inputs[0], TensorType(weight)])[0]
    try require(inputs[1] == expected, "gradient is \(expected), found \(inputs[1])")
    return [TensorType(weight)]
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    var conv = forward.descriptor(input: inputs[0].shape, weight: weight)
    return sk_conv2d_weight_gradient_bytes(&conv, Int32(workers))
  }

  func run(_ call: borrowing KernelCall) {
    var conv = forward.descriptor(input: call.inputs[0].shape, weight: weight)
    sk_conv2d_weight_gradient(
      call.pool, &conv, call.output(0), call.input(0), call.input(1), call.accumulateFlag(0),
      call.workspace)
  }
}
