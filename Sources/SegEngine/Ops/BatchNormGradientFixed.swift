import CSegKernels
import SegCore

/// Gradient of `BatchNormApply` with respect to `x` when the statistics are constants:
/// `dx = gamma · inverseStd · dy`.
///
/// Inputs: `dy` `[N, H, W, C]`, inverse standard deviation and gamma `[C]`.
struct BatchNormGradientFixed: Op {
  static let name = "batch_norm_gradient_fixed"

  var traits: OpTraits { OpTraits(inPlace: true, accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 3, "takes dy, inverse std and gamma, found \(inputs.count) inputs")
    try checkChannels(inputs[0], inputs[1...], ["inverse std", "gamma"])
    return [inputs[0]]
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int { inputs[1].byteCount }

  func run(_ call: borrowing KernelCall) {
    let shape = call.inputs[0].shape
    sk_batch_norm_gradient_fixed(
      call.pool, call.output(0), call.input(0), call.input(1), call.input(2),
      shape.count / shape[3], shape[3], call.accumulateFlag(0),
      call.workspace.assumingMemoryBound(to: Float.self))
  }
}
