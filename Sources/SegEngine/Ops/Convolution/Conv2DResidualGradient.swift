import CSegKernels
import SegCore

/// Gradient of `y = max(0, normalised x + residual)` where a convolution reads `y`: `BatchNormResidualGradient` of the
/// convolution's input gradient, computed while that is written. `g = dy * weight`, plus the gradient from elsewhere,
/// where `y > 0`, else 0; `dgamma = Σ g · xhat`, `dbeta = Σ g`, summed in double.
///
/// Inputs: the convolution's `dy` `[N, P, Q, K]`, weight, `y`, `x` `[N, H, W, C]`, mean, inverse standard deviation
/// `[C]`, then the gradient of `y` from its other readers where there are any. Outputs: `g` `[N, H, W, C]`, dgamma,
/// dbeta `[C]`.
struct Conv2DResidualGradient: MaskedInputGradient {
  static let name = "conv2d_residual_input_gradient"
  let forward: Conv2D
  /// Whether `y` has other readers, whose gradient is the last input.
  let addsGradient: Bool
  let inverseStdIndex = 5

  var traits: OpTraits { OpTraits(alsoOver: addsGradient ? [6] : []) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let count = addsGradient ? 7 : 6
    try require(inputs.count == count, "takes \(count) inputs, found \(inputs.count)")
    let expected = try resultType(inputs)
    try require(
      (inputs[3...3] + inputs[6...]).allSatisfy { $0 == expected },
      "output, input and gradient differ: \(inputs)")
    try checkChannels(expected, inputs[4...5], ["mean", "inverse std"])
    return [expected, inputs[4], inputs[4]]
  }

  func describe(
    _ gradient: inout sk_conv2d_output, _ call: borrowing KernelCall,
    scales: UnsafeMutablePointer<Float>
  ) {
    gradient.activated = call.input(2)
    gradient.z = call.input(3)
    gradient.activation.mean = call.input(4)
    if addsGradient { gradient.residual = call.input(6) }
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
