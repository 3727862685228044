import CSegKernels
public import SegCore

/// Weight and bias of a convolution that contains the normalisation behind it, with fixed statistics:
/// `weight · scale`, `beta - mean · scale` (plus `bias · scale`), where `scale = gamma · inverseStd` for each
/// output channel.
///
/// Inputs: weight `[R, S, C, K]`, mean, inverse standard deviation, gamma, beta, optionally bias, each `[K]`.
/// Outputs: weight `[R, S, C, K]` and bias `[K]`. No gradient: it is part of inference only.
public struct FoldedWeights: Op {
  public static let name = "folded_weights"

  public init() {}

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 5 || inputs.count == 6,
      "takes weight, mean, inverse std, gamma, beta and bias, found \(inputs.count) inputs")
    try checkChannels(
      inputs[0], inputs[1...], ["mean", "inverse std", "gamma", "beta", "bias"])
    return [inputs[0], inputs[1]]
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int { inputs[1].byteCount }

  public func run(_ call: borrowing KernelCall) {
    let shape = call.inputs[0].shape
    // A product of rows with one factor a column, the same as this gradient.
    sk_batch_norm_gradient_fixed(
      call.pool, call.output(0), call.input(0), nil, nil, call.input(2), call.input(3), nil,
      shape.count / max(1, shape[3]), shape[3], 0,
      call.workspace.assumingMemoryBound(to: Float.self))
    let (mean, inverseStd, gamma, beta) = (
      call.input(1), call.input(2), call.input(3), call.input(4)
    )
    for channel in 0..<shape[3] {
      let scale = Double(gamma[channel]) * Double(inverseStd[channel])
      let bias = call.inputs.count == 6 ? Double(call.input(5)[channel]) : 0
      call.output(1)[channel] = Float(
        Double(beta[channel]) + (bias - Double(mean[channel])) * scale)
    }
  }
}
