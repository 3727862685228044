public import SegCore
public import SegEngine

/// Batch normalisation over `[N, H, W]`, as `torch.nn.BatchNorm2d` (eps 1e-5, momentum 0.1).
///
/// Scale and shift are parameters; the running statistics are buffers, which no optimiser can reach.
public struct BatchNorm2d: Sendable {
  public static let epsilon: Double = 1e-5
  public static let momentum: Double = 0.1

  let scale, shift: Parameter
  let runningMean, runningVariance, batchesTracked: Buffer
  let path: String

  public init(_ scope: Scope, _ channels: Int) {
    path = scope.path
    scale = scope.parameter("weight", [channels], .constant(1))
    shift = scope.parameter("bias", [channels], .constant(0))
    runningMean = scope.buffer("running_mean", TensorType([channels]))
    runningVariance = scope.buffer("running_var", TensorType([channels]), startingAt: 1)
    batchesTracked = scope.buffer("num_batches_tracked", TensorType([], .int64))
  }

  public func callAsFunction(_ x: Tensor) throws(ShapeError) -> Tensor {
    let graph = x.graph
    let affine = [graph.parameter(scale), graph.parameter(shift)]
    guard graph.mode.usesBatchStatistics(of: scale) else {
      let deviation = try graph.emit(
        InverseStandardDeviation(epsilon: Self.epsilon), [graph.buffer(runningVariance)], path: path
      )
      let inputs = [x, graph.buffer(runningMean), deviation[0]] + affine
      return try graph.emit(BatchNormApply(usesBatchStatistics: false), inputs, path: path)[0]
    }
    let statistics = try graph.emit(BatchNormStatistics(epsilon: Self.epsilon), [x], path: path)
    if graph.mode.updatesStatistics {
      let running = [runningMean, runningVariance, batchesTracked].map { graph.buffer($0) }
      let count = x.shape.count / x.shape[3]
      try graph.emit(
        UpdateRunningStatistics(momentum: Self.momentum, count: count),
        [statistics[0], statistics[1]] + running, path: path)
    }
    let inputs = [x, statistics[0], statistics[2]] + affine
    return try graph.emit(BatchNormApply(usesBatchStatistics: true), inputs, path: path)[0]
  }
}
