import CSegKernels
import SegCore

/// Gradient of `PixelCrossEntropy`: `upstream · w_y · (softmax(z) - onehot(y)) / normaliser`.
///
/// The softmax is computed anew from the logits: that costs less than keeping it.
///
/// Inputs: logits `[N, H, W, C]`, labels `uint8[N, H, W]`, class weights `[C]`, upstream `[1]`,
/// normaliser `float64[1]`.
struct PixelCrossEntropyGradient: Op {
  static let name = "pixel_cross_entropy_gradient"
  let ignoreIndex: Int

  var traits: OpTraits { OpTraits(inPlace: true, accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 5 && inputs[3] == TensorType([1])
        && inputs[4] == TensorType([1], .float64),
      "takes the forward inputs, a scalar gradient and a normaliser, found \(inputs)")
    try checkPixels(logits: inputs[0], labels: inputs[1])
    return [inputs[0]]
  }

  func run(_ call: borrowing KernelCall) {
    sk_pixel_cross_entropy_gradient(
      call.pool, call.output(0), call.input(0), call.input(1, as: UInt8.self), call.input(2),
      call.input(3).pointee, call.input(4, as: Double.self).pointee,
      call.inputs[1].shape.count, call.inputs[0].shape[3],
      Int32(clamping: ignoreIndex), call.accumulateFlag(0))
  }
}
