import CSegKernels
import SegCore

/// Gradient of a convolution's activated input up to the normalisation: `g = dy * weight`, 0 where the rectifier was;
/// `dgamma = Σ g · xhat`, `dbeta = Σ g`, summed in double while `g` is written.
///
/// Inputs: `dy` `[N, P, Q, K]`, weight, `x` `[N, H, W, C]` (before normalisation), mean, inverse standard deviation,
/// gamma, beta `[C]`. Outputs: `g` `[N, H, W, C]`, dgamma, dbeta `[C]`.
struct Conv2DActivationGradient: MaskedInputGradient {
  static let name = "conv2d_activated_input_gradient"
  let forward: Conv2D
  let inverseStdIndex = 4

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 7, "takes 7 inputs, found \(inputs.count)")
    let expected = try resultType(inputs)
    try checkChannels(expected, inputs[3...], ConvolutionFusion.activationInputs)
    return [expected, inputs[3], inputs[3]]
  }

  func describe(
    _ gradient: inout sk_conv2d_output, _ call: borrowing KernelCall,
    scales: UnsafeMutablePointer<Float>
  ) {
    gradient.z = call.input(2)
    gradient.activation = call.activation(3, scratch: scales)
  }
}
