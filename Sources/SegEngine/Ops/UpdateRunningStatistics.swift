public import SegCore

/// Moves running statistics towards those of a batch, as `torch.nn.BatchNorm2d` in training:
/// `running = (1 - momentum) · running + momentum · new`, the variance with Bessel's correction,
/// and the counter of batches rises by 1.
///
/// Inputs: mean and variance (divided by n) of the batch `[C]`, then the buffers it updates: running mean
/// and running variance `[C]`, number of batches `int64[]`. No outputs.
public struct UpdateRunningStatistics: Op {
  public static let name = "update_running_statistics"
  let momentum: Double
  /// n = N·H·W, the values behind each mean.
  let count: Int

  public init(momentum: Double = 0.1, count: Int) {
    self.momentum = momentum
    self.count = count
  }

  public var traits: OpTraits { OpTraits(updates: [2, 3, 4]) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 5,
      "takes mean, variance, running mean, running variance and counter, found \(inputs.count) inputs"
    )
    try require(
      inputs[0].shape.rank == 1 && inputs[0].dtype == .float32,
      "the mean is float32 [C], found \(inputs[0])")
    for (input, name) in zip(inputs[1...3], ["variance", "running mean", "running variance"]) {
      try require(input == inputs[0], "\(name) is \(inputs[0]) like the mean, found \(input)")
    }
    try require(
      inputs[4] == TensorType([], .int64), "the counter is int64[], found \(inputs[4])")
    try require(count > 1, "the unbiased variance of \(count) values does not exist")
    return []
  }

  public func run(_ call: borrowing KernelCall) {
    let (mean, variance) = (call.input(0), call.input(1))
    let (runningMean, runningVariance) = (call.updated(2), call.updated(3))
    let unbiased = Double(count) / Double(count - 1)
    for channel in 0..<call.inputs[0].shape.count {
      runningMean[channel] = moved(runningMean[channel], towards: Double(mean[channel]))
      runningVariance[channel] = moved(
        runningVariance[channel], towards: Double(variance[channel]) * unbiased)
    }
    call.updated(4, as: Int64.self).pointee += 1
  }

  private func moved(_ old: Float, towards new: Double) -> Float {
    Float((1 - momentum) * Double(old) + momentum * new)
  }
}
