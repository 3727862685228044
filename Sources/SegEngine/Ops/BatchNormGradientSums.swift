import CSegKernels
import SegCore

/// Gradients of gamma and beta: `dgamma = Σ dy · xhat`, `dbeta = Σ dy` over all pixels, with
/// `xhat = (x - mean) · inverseStd`. Sums are taken in double.
///
/// Inputs: `dy`, `x` `[N, H, W, C]`, mean, inverse standard deviation `[C]`; behind a rectifier also gamma and
/// beta, and only what of `dy` passed is summed. Outputs: dgamma, dbeta `[C]`.
struct BatchNormGradientSums: Op {
  static let name = "batch_norm_gradient_sums"
  let rectified: Bool

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == (rectified ? 6 : 4) && inputs[0] == inputs[1],
      "gradient and input differ: \(inputs)")
    try checkChannels(inputs[0], inputs[2...], ["mean", "inverse std", "gamma", "beta"])
    return [inputs[2], inputs[2]]
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    let channels = inputs[0].shape[3]
    return sk_batch_norm_gradient_sums_bytes(inputs[0].shape.count / channels, channels)
  }

  func run(_ call: borrowing KernelCall) {
    let shape = call.inputs[0].shape
    sk_batch_norm_gradient_sums(
      call.pool, call.output(0), call.output(1), call.input(0), call.input(1), call.input(2),
      call.input(3), rectified ? call.input(4) : nil, rectified ? call.input(5) : nil,
      shape.count / shape[3], shape[3], call.accumulateFlag(0), call.accumulateFlag(1),
      call.workspace)
  }
}
