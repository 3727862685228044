import CSegKernels
import SegCore

/// Gradient of a convolution's input. Inputs: `dy` `[N, P, Q, K]`, weight; output `[N, H, W, C]`.
struct Conv2DInputGradient: Op {
  static let name = "conv2d_input_gradient"
  let forward: Conv2D
  let input: Shape

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let plain = Conv2D(
      stride: forward.stride, padding: forward.padding, dilation: forward.dilation)
    let expected = try plain.infer([TensorType(input), inputs[1]])[0]
    try require(inputs[0] == expected, "gradient is \(expected), found \(inputs[0])")
    return [TensorType(input)]
  }

  func algorithm(_ inputs: [TensorType]) -> String? {
    let conv = forward.descriptor(input: input, weight: inputs[1].shape)
    return forward.inputGradientAlgorithm(conv).name
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    var conv = forward.descriptor(input: input, weight: inputs[1].shape)
    return sk_conv2d_input_gradient_bytes(
      &conv, forward.inputGradientAlgorithm(conv).code, Int32(workers))
  }

  func run(_ call: borrowing KernelCall) {
    var conv = forward.descriptor(input: input, weight: call.inputs[1].shape)
    var dx = sk_conv2d_output()
    dx.y = call.output(0)
    dx.accumulate = call.accumulateFlag(0)
    sk_conv2d_input_gradient(
      call.pool, &conv, forward.inputGradientAlgorithm(conv).code, &dx, call.input(0),
      call.input(1), call.workspace)
  }
}

extension Conv2D {
  /// The gradient of the input is a convolution with channels exchanged.
  func inputGradientAlgorithm(_ conv: sk_conv2d) -> ConvolutionAlgorithm {
    var back = conv
    (back.c, back.k) = (conv.k, conv.c)
    return .cheapest(back, .inputGradient, policy)
  }
}
