import CSegKernels
import SegCore

/// The weight of a convolution as its algorithm wants it (transformed, packed), for plans in which weights do not
/// change between runs.
///
/// Input: weight `[R, S, C, K]`; output: `[floats]`, understood by the same convolution alone.
struct PreparedWeight: Op {
  static let name = "prepared_weight"
  let convolution: Conv2D
  /// Shape of the convolution's input: the algorithm depends on it.
  let input: Shape

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 1 && inputs[0].shape == convolution.preparedWeight,
      "takes the weight, found \(inputs)")
    return [convolution.preparedFloats(input: input)]
  }

  func run(_ call: borrowing KernelCall) {
    var conv = convolution.descriptor(input: input, weight: call.inputs[0].shape)
    let algorithm = ConvolutionAlgorithm.cheapest(conv, .forward, convolution.policy).code
    sk_conv2d_prepare(call.pool, &conv, algorithm, call.input(0), call.output(0))
  }
}
