import CSegKernels
public import SegCore

/// Mean and variance of each channel over all pixels of the batch: the first half of batch
/// normalisation in training (Ioffe and Szegedy 2015, algorithm 1).
///
/// Input: `x` `[N, H, W, C]`. Outputs, each `[C]`: mean, variance (divided by n = N·H·W) and
/// inverse standard deviation `1 / sqrt(variance + epsilon)`. Sums are taken in double.
///
/// Its gradient is part of `BatchNormApply`'s.
public struct BatchNormStatistics: Op {
  public static let name = "batch_norm_statistics"
  let epsilon: Double

  public init(epsilon: Double = 1e-5) { self.epsilon = epsilon }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 1, "takes one input, found \(inputs.count)")
    let input = inputs[0]
    try require(
      input.shape.rank == 4 && input.dtype == .float32,
      "the input is float32 [N, H, W, C], found \(input)")
    let pixels = input.shape.count / max(1, input.shape[3])
    try require(
      pixels > 1,
      """
      one value per channel in training (input \(input.shape), as after global pooling of a \
      batch of 1); use batch_size ≥ 2
      """)
    let perChannel = TensorType([input.shape[3]])
    return [perChannel, perChannel, perChannel]
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    let channels = inputs[0].shape[3]
    return sk_batch_norm_statistics_bytes(inputs[0].shape.count / channels, channels)
  }

  public func run(_ call: borrowing KernelCall) {
    let shape = call.inputs[0].shape
    sk_batch_norm_statistics(
      call.pool, call.output(0), call.output(1), call.output(2), call.input(0),
      shape.count / shape[3], shape[3], epsilon,
      call.workspace.assumingMemoryBound(to: Double.self))
  }
}
