import CSegKernels
import SegCore

/// Gradient of a convolution's activated input up to the normalisation: `g = dy * weight`, 0 where the rectifier was;
/// `dgamma = Σ g · xhat`, `dbeta = Σ g`, summed in double while `g` is written.
///
/// Inputs: `dy` `[N, P, Q, K]`, weight, `x` `[N, H, W, C]` (before normalisation), mean, inverse standard deviation,
/// gamma, beta `[C]`. Outputs: `g` `[N, H, W, C]`, dgamma, dbeta `[C]`.
struct Conv2DActivationGradient: Op {
  static let name = "conv2d_activated_input_gradient"
  let forward: Conv2D

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 7, "takes 7 inputs, found \(inputs.count)")
    let expected = try Conv2DInputGradient(forward: forward, input: inputs[2].shape)
      .infer([inputs[0], inputs[1]])[0]
    try checkChannels(expected, inputs[3...], ConvolutionFusion.activationInputs)
    return [expected, inputs[3], inputs[3]]
  }

  func algorithm(_ inputs: [TensorType]) -> String? {
    let conv = forward.descriptor(input: inputs[2].shape, weight: inputs[1].shape)
    return forward.inputGradientAlgorithm(conv).name
  }

  private func scratch(_ inputs: [TensorType], workers: Int) -> ConvolutionScratch {
    var conv = forward.descriptor(input: inputs[2].shape, weight: inputs[1].shape)
    let algorithm = forward.inputGradientAlgorithm(conv).code
    return ConvolutionScratch(
      kernelBytes: sk_conv2d_input_gradient_bytes(&conv, algorithm, Int32(workers)),
      scaleChannels: inputs[2].shape[3],
      sumTasks: sk_conv2d_input_sum_tasks(&conv, algorithm), sumChannels: inputs[2].shape[3])
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    scratch(inputs, workers: workers).byteCount
  }

  func run(_ call: borrowing KernelCall) {
    var conv = forward.descriptor(input: call.inputs[2].shape, weight: call.inputs[1].shape)
    let algorithm = forward.inputGradientAlgorithm(conv).code
    let scratch = scratch(call.inputs, workers: Int(sk_pool_threads(call.pool)))
    var gradient = sk_conv2d_output()
    gradient.y = call.output(0)
    gradient.sums = Int32(SK_GRADIENT_SUMS)
    gradient.partial = scratch.sums(call.workspace)
    gradient.z = call.input(2)
    gradient.activation = call.activation(3, scratch: scratch.scales(call.workspace))
    sk_conv2d_input_gradient(
      call.pool, &conv, algorithm, &gradient, call.input(0), call.input(1), call.workspace)
    sk_conv2d_gradient_sums(
      call.pool, gradient.partial, sk_conv2d_input_sum_tasks(&conv, algorithm),
      call.inputs[2].shape[3], call.input(4), call.output(1), call.accumulateFlag(1),
      call.output(2), call.accumulateFlag(2))
  }
}
