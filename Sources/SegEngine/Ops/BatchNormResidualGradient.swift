import CSegKernels
import SegCore

/// First half of the gradient of `y = max(0, normalised x + residual)`, in one pass: `g = dy` where
/// `y > 0`, else 0, which is the gradient of the residual, and of it `dgamma = Σ g · xhat`,
/// `dbeta = Σ g`. Sums are taken in double.
///
/// Inputs: `dy`, `y`, `x` `[N, H, W, C]`, mean, inverse standard deviation `[C]`. Outputs: g `[N, H, W, C]`,
/// dgamma, dbeta `[C]`.
struct BatchNormResidualGradient: Op {
  static let name = "batch_norm_residual_gradient"

  // g is always read afterwards and so is never added to anything; the kernel only stores it.
  var traits: OpTraits { OpTraits(inPlace: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 5 && inputs[0] == inputs[1] && inputs[0] == inputs[2],
      "gradient, output and input differ: \(inputs)")
    try checkChannels(inputs[0], inputs[3...], ["mean", "inverse std"])
    return [inputs[0], inputs[3], inputs[3]]
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    let channels = inputs[0].shape[3]
    return sk_batch_norm_gradient_sums_bytes(inputs[0].shape.count / channels, channels)
  }

  func run(_ call: borrowing KernelCall) {
    let shape = call.inputs[0].shape
    sk_batch_norm_residual_gradient(
      call.pool, call.output(0), call.output(1), call.output(2), call.input(0), call.input(1),
      call.input(2), call.input(3), call.input(4), shape.count / shape[3], shape[3],
      call.accumulateFlag(1), call.accumulateFlag(2), call.workspace)
  }
}
