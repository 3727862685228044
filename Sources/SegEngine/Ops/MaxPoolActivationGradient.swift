import CSegKernels
import SegCore

/// Gradient of a pooled activation up to the normalisation: `g = dy` brought back to where the largest values came from,
/// 0 where the rectifier was; `dgamma = Σ g · xhat`, `dbeta = Σ g`, summed in double while `g` is written.
///
/// Inputs: `dy` `[N, P, Q, C]`, positions, `x` `[N, H, W, C]` (before normalisation), mean, inverse standard deviation,
/// gamma, beta `[C]`. Outputs: `g` `[N, H, W, C]`, dgamma, dbeta `[C]`.
struct MaxPoolActivationGradient: Op {
  static let name = "max_pool_activation_gradient"
  let pool: MaxPool

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 7, "takes 7 inputs, found \(inputs.count)")
    let outputs = try pool.infer(Array(inputs[2...]))
    try require(
      inputs[..<2] == outputs[...],
      "gradient and positions do not belong to a pooling of \(inputs[2]): \(inputs[..<2])")
    return [inputs[2], inputs[3], inputs[3]]
  }

  private func sizes(_ inputs: [TensorType]) -> sk_pool_shape {
    pool.sizes(input: inputs[2].shape, output: inputs[0].shape)
  }

  private func scratch(_ inputs: [TensorType], workers: Int) -> ConvolutionScratch {
    let (sizes, channels) = (sizes(inputs), inputs[2].shape[3])
    return ConvolutionScratch(
      kernelBytes: sk_max_pool_activation_gradient_bytes(sizes, Int32(workers)),
      scaleChannels: channels, sumTasks: sk_max_pool_activation_gradient_tasks(sizes),
      sumChannels: channels)
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    scratch(inputs, workers: workers).byteCount
  }

  func run(_ call: borrowing KernelCall) {
    let sizes = sizes(call.inputs)
    let scratch = scratch(call.inputs, workers: Int(sk_pool_threads(call.pool)))
    var x = sk_conv2d_input()
    x.x = call.input(2)
    x.activation = call.activation(3, scratch: scratch.scales(call.workspace))
    let sums = scratch.sums(call.workspace)
    sk_max_pool_activation_gradient(
      call.pool, call.output(0), call.input(0), call.input(1, as: UInt8.self), &x, sizes, sums,
      call.workspace)
    sk_conv2d_gradient_sums(
      call.pool, sums, sk_max_pool_activation_gradient_tasks(sizes), sizes.c, call.input(4),
      call.output(1), call.accumulateFlag(1), call.output(2), call.accumulateFlag(2))
  }
}
