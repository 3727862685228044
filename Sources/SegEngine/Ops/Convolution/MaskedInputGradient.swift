import CSegKernels
import SegCore

/// Gradient of a convolution's input through the rectifier in front of it, up to the normalisation there: masked, and
/// summed by channel for gamma and beta, while it is written.
///
/// Inputs begin with `dy` `[N, P, Q, K]`, weight and a tensor shaped as the result. Outputs: `g` `[N, H, W, C]`, dgamma,
/// dbeta `[C]`.
protocol MaskedInputGradient: Op {
  var forward: Conv2D { get }
  /// Which input is the normalisation's inverse standard deviation.
  var inverseStdIndex: Int { get }

  /// Says what is masked and summed, and what is added before; `scales` has room for a number a channel.
  func describe(
    _ gradient: inout sk_conv2d_output, _ call: borrowing KernelCall,
    scales: UnsafeMutablePointer<Float>)
}

extension MaskedInputGradient {
  /// Type of `g`.
  func resultType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try Conv2DInputGradient(forward: forward, input: inputs[2].shape)
      .infer([inputs[0], inputs[1]])[0]
  }

  private func convolution(
    _ inputs: [TensorType]
  ) -> (descriptor: sk_conv2d, algorithm: ConvolutionAlgorithm) {
    let conv = forward.descriptor(input: inputs[2].shape, weight: inputs[1].shape)
    return (conv, forward.inputGradientAlgorithm(conv))
  }

  func algorithm(_ inputs: [TensorType]) -> String? { convolution(inputs).algorithm.name }

  private func scratch(_ inputs: [TensorType], workers: Int) -> ConvolutionScratch {
    var (conv, algorithm) = convolution(inputs)
    let channels = inputs[2].shape[3]
    return ConvolutionScratch(
      kernelBytes: sk_conv2d_input_gradient_bytes(&conv, algorithm.code, Int32(workers)),
      scaleChannels: channels, sumTasks: sk_conv2d_input_sum_tasks(&conv, algorithm.code),
      sumChannels: channels)
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    scratch(inputs, workers: workers).byteCount
  }

  func run(_ call: borrowing KernelCall) {
    var (conv, algorithm) = convolution(call.inputs)
    let scratch = scratch(call.inputs, workers: Int(sk_pool_threads(call.pool)))
    var gradient = sk_conv2d_output()
    gradient.y = call.output(0)
    gradient.sums = Int32(SK_GRADIENT_SUMS)
    gradient.partial = scratch.sums(call.workspace)
    describe(&gradient, call, scales: scratch.scales(call.workspace))
    sk_conv2d_input_gradient(
      call.pool, &conv, algorithm.code, &gradient, call.input(0), call.input(1), call.workspace)
    sk_conv2d_gradient_sums(
      call.pool, gradient.partial, sk_conv2d_input_sum_tasks(&conv, algorithm.code),
      call.inputs[2].shape[3], call.input(inverseStdIndex), call.output(1), call.accumulateFlag(1),
      call.output(2), call.accumulateFlag(2))
  }
}
