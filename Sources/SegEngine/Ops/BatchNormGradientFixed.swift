import CSegKernels
import SegCore

/// Gradient of `BatchNormApply` with respect to `x` when the statistics are constants:
/// `dx = gamma · inverseStd · dy`.
///
/// Inputs: `dy` `[N, H, W, C]`, inverse standard deviation and gamma `[C]`; behind a rectifier also `x`, mean
/// and beta, which tell what of `dy` passed.
struct BatchNormGradientFixed: Op {
  static let name = "batch_norm_gradient_fixed"
  let rectified: Bool

  var traits: OpTraits { OpTraits(inPlace: true, accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let count = rectified ? 6 : 3
    try require(inputs.count == count, "takes \(count) inputs, found \(inputs.count)")
    try checkChannels(inputs[0], inputs[1...2], ["inverse std", "gamma"])
    if rectified {
      try require(inputs[3] == inputs[0], "gradient and input differ: \(inputs)")
      try checkChannels(inputs[0], inputs[4...], ["mean", "beta"])
    }
    return [inputs[0]]
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int { inputs[1].byteCount }

  func run(_ call: borrowing KernelCall) {
    let shape = call.inputs[0].shape
    sk_batch_norm_gradient_fixed(
      call.pool, call.output(0), call.input(0), rectified ? call.input(3) : nil,
      rectified ? call.input(4) : nil, call.input(1), call.input(2),
      rectified ? call.input(5) : nil, shape.count / shape[3], shape[3], call.accumulateFlag(0),
      call.workspace.assumingMemoryBound(to: Float.self))
  }
}
