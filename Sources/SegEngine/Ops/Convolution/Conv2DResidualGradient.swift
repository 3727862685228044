import CSegKernels
import SegCore

/// Gradient of `y = max(0, normalised x + residual)` where a convolution reads `y`: `BatchNormResidualGradient` of the
/// convolution's input gradient, computed while that is written. `g = dy * weight`, plus the gradient from elsewhere,
/// where `y > 0`, else 0; `dgamma = Σ g · xhat`, `dbeta = Σ g`, summed in double.
///
/// Inputs: the convolution's `dy` `[N, P, Q, K]`, weight, `y`, `x` `[N, H, W, C]`, mean, inverse standard deviation
/// `[C]`, then the gradient of `y` from its other readers where there are any. Outputs: `g` `[N, H, W, C]`, dgamma,
/// dbeta `[C]`.
struct Conv2DResidualGradient: Op {
  static let name = "conv2d_residual_input_gradient"
  let forward: Conv2D
  /// Whether `y` has other readers, whose gradient is the last input.
  let addsGradient: Bool

  var traits: OpTraits { OpTraits(alsoOver: addsGradient ? [6] : []) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let count = addsGradient ? 7 : 6
    try require(inputs.count == count, "takes \(count) inputs, found \(inputs.count)")
    let expected = try Conv2DInputGradient(forward: forward, input: inputs[2].shape)
      .infer([inputs[0], inputs[1]])[0]
    try require(
      (inputs[3...3] + inputs[6...]).allSatisfy { $0 == expected },
      "output, input and gradient differ: \(inputs)")
    try checkChannels(expected, inputs[4...5], ["mean", "inverse std"])
    return [expected, inputs[4], inputs[4]]
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
      scaleChannels: 0, sumTasks: sk_conv2d_input_sum_tasks(&conv, algorithm),
      sumChannels: inputs[2].shape[3])
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
    gradient.z = call.input(3)
    gradient.activated = call.input(2)
    gradient.activation.mean = call.input(4)
    if addsGradient { gradient.residual = call.input(6) }
    sk_conv2d_input_gradient(
      call.pool, &conv, algorithm, &gradient, call.input(0), call.input(1), call.workspace)
    sk_conv2d_gradient_sums(
      call.pool, gradient.partial, sk_conv2d_input_sum_tasks(&conv, algorithm),
      call.inputs[2].shape[3], call.input(5), call.output(1), call.accumulateFlag(1),
      call.output(2), call.accumulateFlag(2))
  }
}

extension GradientBuilder {
  /// `BatchNormResidualGradient` of `dy`: within the pass of the convolution that writes the last of `dy` where there is
  /// one, and as part of that layer.
  func residualGradient(
    _ dy: Tensor, _ x: Tensor, _ mean: Tensor, _ inverseStd: Tensor
  ) throws(ShapeError) -> [Tensor] {
    let statistics = [outputs[0], x, mean, inverseStd]
    guard
      let writer = takeBack(
        dy, writtenBy: Conv2DInputGradient.self,
        where: { $0.forward.policy.fuses && $0.forward.stride == 1 })
    else { return try emit(BatchNormResidualGradient(), [dy] + statistics) }
    let op = Conv2DResidualGradient(
      forward: writer.op.forward, addsGradient: writer.accumulates)
    return try graph.emit(
      op, writer.inputs + statistics + (writer.accumulates ? [dy] : []), path: writer.path)
  }
}
