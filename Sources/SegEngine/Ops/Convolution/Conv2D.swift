import CSegKernels
public import SegCore

/// Two-dimensional convolution (cross-correlation), as `torch.nn.functional.conv2d`.
///
/// - Inputs: `x` `[N, H, W, C]`, weight `[R, S, C, K]` (files hold `[K, C, R, S]`), optionally bias `[K]`,
///   then what `fusion` asks for.
/// - Output: `[N, P, Q, K]` with `P = (H + 2·padding − dilation·(R − 1) − 1) / stride + 1`, rounded
///   down; `Q` likewise; then what `fusion` promises.
/// - Cost: `2·N·P·Q·K·R·S·C` flops, or what `ConvolutionAlgorithm` makes of it.
/// - Note: the gradient of the weight is summed over pixels in a fixed order.
public struct Conv2D: Op {
  public static let name = "conv2d"
  /// In pixels, the same for both axes.
  public let stride, padding, dilation: Int
  public let policy: ConvolutionPolicy
  public var hasBias: Bool
  /// Shape of the weight where input 1 is not the weight but what `PreparedWeight` made of it.
  var preparedWeight: Shape?
  public var fusion = ConvolutionFusion()

  public init(
    stride: Int = 1, padding: Int = 0, dilation: Int = 1, hasBias: Bool = false,
    policy: ConvolutionPolicy = .automatic
  ) {
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.hasBias = hasBias
    self.policy = policy
  }

  // MARK: Types

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == inputCount,
      "takes \(inputCount) inputs (x, weight\(hasBias ? ", bias" : "")), found \(inputs.count)")
    let (x, weight) = (inputs[0].shape, weightShape(inputs))
    try require(x.rank == 4, "input is [N, H, W, C], found \(x)")
    try require(weight.rank == 4, "weight is [R, S, C, K], found \(weight)")
    try require(
      x[3] == weight[2],
      "input \(x) has \(x[3]) channels, weight \(weight) (R, S, C, K) expects \(weight[2])")
    try require(
      stride >= 1 && dilation >= 1 && padding >= 0,
      "stride \(stride), dilation \(dilation), padding \(padding)")
    try require(
      fusion.isPlain || policy.fuses, "products by OpenBLAS are not fused with anything but a bias")
    try require(
      weight[0] * weight[1] <= 1024, "kernel \(weight[0])x\(weight[1]) has more than 1024 taps")
    if hasBias {
      try require(
        inputs[2].shape == [weight[3]], "bias is [\(weight[3])], found \(inputs[2].shape)")
    }
    let (height, width) = (extent(x[1], weight[0]), extent(x[2], weight[1]))
    try require(
      height >= 1 && width >= 1,
      "input \(x[1])x\(x[2]) is smaller than the kernel \(weight[0])x\(weight[1]) (dilation \(dilation), padding \(padding))"
    )
    if preparedWeight != nil {
      let floats = preparedFloats(input: x)
      try require(inputs[1] == floats, "prepared weight is \(floats), found \(inputs[1])")
    }
    let output = TensorType([x[0], height, width, weight[3]])
    if fusion.activatesInput {
      let activation = inputs[activationIndex..<activationIndex + 4]
      try checkChannels(inputs[0], activation, ConvolutionFusion.activationInputs)
    }
    if fusion.addsResidual {
      try require(
        inputs[residualIndex] == output, "residual is \(output), found \(inputs[residualIndex])")
    }
    guard fusion.statisticsEpsilon != nil else { return [output] }
    let perChannel = TensorType([weight[3]])
    return [output, perChannel, perChannel, perChannel]
  }

  func weightShape(_ inputs: [TensorType]) -> Shape { preparedWeight ?? inputs[1].shape }

  /// Type of the prepared weight for input `x`.
  func preparedFloats(input x: Shape) -> TensorType {
    var conv = descriptor(input: x, weight: preparedWeight ?? [])
    let algorithm = ConvolutionAlgorithm.cheapest(conv, .forward, policy).code
    return TensorType([sk_conv2d_prepared_floats(&conv, algorithm)])
  }

  var activationIndex: Int { hasBias ? 3 : 2 }
  private var residualIndex: Int { activationIndex + (fusion.activatesInput ? 4 : 0) }
  private var inputCount: Int { residualIndex + (fusion.addsResidual ? 1 : 0) }

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

  public func multiplyAdds(_ inputs: [TensorType]) -> Int {
    let (x, weight) = (inputs[0].shape, weightShape(inputs))
    return x[0] * extent(x[1], weight[0]) * extent(x[2], weight[1]) * weight.count
  }

  // MARK: Running

  public func algorithm(_ inputs: [TensorType]) -> String? {
    algorithm(input: inputs[0].shape, weight: weightShape(inputs)).name
  }

  /// What computes the forward pass.
  public func algorithm(input x: Shape, weight: Shape) -> ConvolutionAlgorithm {
    .cheapest(descriptor(input: x, weight: weight), .forward, policy)
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    scratch(inputs, workers: workers).byteCount
  }

  private func scratch(_ inputs: [TensorType], workers: Int) -> ConvolutionScratch {
    let weight = weightShape(inputs)
    var conv = descriptor(input: inputs[0].shape, weight: weight)
    let algorithm = ConvolutionAlgorithm.cheapest(conv, .forward, policy).code
    let isPrepared: Int32 = preparedWeight == nil ? 0 : 1
    return ConvolutionScratch(
      kernelBytes: sk_conv2d_forward_bytes(&conv, algorithm, isPrepared, Int32(workers)),
      scaleChannels: fusion.activatesInput ? inputs[0].shape[3] : 0,
      sumTasks: fusion.statisticsEpsilon == nil ? 0 : sk_conv2d_sum_tasks(&conv, algorithm),
      sumChannels: weight[3])
  }

  public func run(_ call: borrowing KernelCall) {
    var conv = descriptor(input: call.inputs[0].shape, weight: weightShape(call.inputs))
    let algorithm = ConvolutionAlgorithm.cheapest(conv, .forward, policy).code
    let scratch = scratch(call.inputs, workers: Int(sk_pool_threads(call.pool)))
    var x = sk_conv2d_input()
    x.x = call.input(0)
    if fusion.activatesInput {
      x.activation = call.activation(
        activationIndex, scratch: scratch.scales(call.workspace))
    }
    var y = sk_conv2d_output()
    y.y = call.output(0)
    if hasBias { y.bias = call.input(2) }
    if fusion.addsResidual { y.residual = call.input(residualIndex) }
    y.rectify = fusion.rectifies ? 1 : 0
    if fusion.statisticsEpsilon != nil {
      y.sums = Int32(SK_MOMENTS)
      y.partial = scratch.sums(call.workspace)
    }
    let isPrepared = preparedWeight != nil
    sk_conv2d_forward(
      call.pool, &conv, algorithm, &y, &x, isPrepared ? nil : call.input(1),
      isPrepared ? call.input(1) : nil, call.workspace)
    if let epsilon = fusion.statisticsEpsilon {
      let shape = call.outputs[0].shape
      sk_conv2d_moments(
        call.pool, y.partial, sk_conv2d_sum_tasks(&conv, algorithm), shape[3],
        shape.count / shape[3], epsilon, call.output(1), call.output(2), call.output(3))
    }
  }

  // MARK: Gradient

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    try require(
      !fusion.rectifies && !fusion.addsResidual && preparedWeight == nil,
      "a convolution made for inference has no gradient")
    let (x, weight) = (builder.inputs[0], builder.inputs[1])
    let activation =
      fusion.activatesInput ? Array(builder.inputs[activationIndex..<activationIndex + 4]) : []
    // Weights first: the input's gradient may then be written over what is no longer needed.
    if builder.needs(1) {
      let op = Conv2DWeightGradient(forward: self, weight: weight.shape)
      builder.flow(try builder.emit(op, [x, upstream] + activation)[0], to: 1)
    }
    if hasBias, builder.needs(2) {
      builder.flow(try builder.emit(ChannelSum(), [upstream])[0], to: 2)
    }
    if fusion.activatesInput {
      try builder.differentiateActivation(
        Conv2DActivationGradient(forward: self), [upstream, weight], first: activationIndex,
        usesBatchStatistics: fusion.usesBatchStatistics)
    } else if builder.needs(0) {
      let op = Conv2DInputGradient(forward: self, input: x.shape)
      builder.flow(try builder.emit(op, [upstream, weight])[0], to: 0)
    }
  }
}
