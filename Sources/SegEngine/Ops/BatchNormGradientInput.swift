import CSegKernels
import SegCore

/// Gradient of batch normalisation with respect to `x`, through the values and through the
/// statistics: `dx = gamma · inverseStd · (dy - dbeta / n - xhat · dgamma / n)`, n = N·H·W.
///
/// Inputs: `dy`, `x` `[N, H, W, C]`, then mean, inverse standard deviation, gamma, dgamma, dbeta `[C]`; behind
/// a rectifier also beta, and only what of `dy` passed counts.
struct BatchNormGradientInput: Op {
  static let name = "batch_norm_gradient_input"
  let rectified: Bool

  var traits: OpTraits { OpTraits(inPlace: true, alsoOver: [1], accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == (rectified ? 8 : 7) && inputs[0] == inputs[1],
      "gradient and input differ: \(inputs)")
    try checkChannels(
      inputs[0], inputs[2...], ["mean", "inverse std", "gamma", "dgamma", "dbeta", "beta"])
    return [inputs[0]]
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int { 3 * inputs[2].byteCount }

  func run(_ call: borrowing KernelCall) {
    let shape = call.inputs[0].shape
    sk_batch_norm_gradient_input(
      call.pool, call.output(0), call.input(0), call.input(1), call.input(2), call.input(3),
      call.input(4), rectified ? call.input(7) : nil, call.input(5), call.input(6),
      shape.count / shape[3], shape[3], call.accumulateFlag(0),
      call.workspace.assumingMemoryBound(to: Float.self))
  }
}
