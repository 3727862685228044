import CSegKernels
import SegCore

/// Gradient of a convolution's weight. Inputs: `x`, `dy`, then the activation of `x` where the convolution has one;
/// output `[R, S, C, K]`.
struct Conv2DWeightGradient: Op {
  static let name = "conv2d_weight_gradient"
  let forward: Conv2D
  let weight: Shape

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let plain = Conv2D(
      stride: forward.stride, padding: forward.padding, dilation: forward.dilation)
    let expected = try plain.infer([inputs[0], TensorType(weight)])[0]
    try require(inputs[1] == expected, "gradient is \(expected), found \(inputs[1])")
    let activation = inputs[2...]
    try require(
      activation.count == (forward.fusion.activatesInput ? 4 : 0),
      "found \(activation.count) inputs of an activation")
    try checkChannels(inputs[0], activation, ConvolutionFusion.activationInputs)
    return [TensorType(weight)]
  }

  private func algorithm(_ conv: sk_conv2d) -> Int32 {
    ConvolutionAlgorithm.cheapest(conv, .weightGradient, forward.policy).code
  }

  func algorithm(_ inputs: [TensorType]) -> String? {
    let conv = forward.descriptor(input: inputs[0].shape, weight: weight)
    return ConvolutionAlgorithm.cheapest(conv, .weightGradient, forward.policy).name
  }

  private func scratch(_ inputs: [TensorType], workers: Int) -> ConvolutionScratch {
    var conv = forward.descriptor(input: inputs[0].shape, weight: weight)
    return ConvolutionScratch(
      kernelBytes: sk_conv2d_weight_gradient_bytes(&conv, algorithm(conv), Int32(workers)),
      scaleChannels: forward.fusion.activatesInput ? inputs[0].shape[3] : 0, sumTasks: 0,
      sumChannels: 0)
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    scratch(inputs, workers: workers).byteCount
  }

  func run(_ call: borrowing KernelCall) {
    var conv = forward.descriptor(input: call.inputs[0].shape, weight: weight)
    var x = sk_conv2d_input()
    x.x = call.input(0)
    if forward.fusion.activatesInput {
      let scratch = scratch(call.inputs, workers: Int(sk_pool_threads(call.pool)))
      x.activation = call.activation(2, scratch: scratch.scales(call.workspace))
    }
    sk_conv2d_weight_gradient(
      call.pool, &conv, algorithm(conv), call.output(0), &x, call.input(1),
      call.accumulateFlag(0), call.workspace)
  }
}
