import CSegKernels
public import SegCore

/// Normalises each channel: `y = (x - mean) · inverseStd · gamma + beta`, the second half of batch
/// normalisation.
///
/// Inputs: `x` `[N, H, W, C]`, then mean, inverse standard deviation, gamma and beta, each `[C]`.
/// Output: `[N, H, W, C]`.
public struct BatchNormApply: Op {
  public static let name = "batch_norm_apply"
  /// Mean and inverse standard deviation come from `BatchNormStatistics` of the same `x`, so `x` also
  /// acts through them: the gradient then is that of both operations together. Otherwise the
  /// statistics are constants.
  let usesBatchStatistics: Bool

  public init(usesBatchStatistics: Bool) { self.usesBatchStatistics = usesBatchStatistics }

  public var traits: OpTraits { OpTraits(inPlace: true, isCheap: true) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 5, "takes x, mean, inverse std, gamma and beta, found \(inputs.count) inputs")
    try checkChannels(inputs[0], inputs[1...], ["mean", "inverse std", "gamma", "beta"])
    return [inputs[0]]
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    inputs[1].byteCount
  }

  public func run(_ call: borrowing KernelCall) {
    let shape = call.inputs[0].shape
    sk_batch_norm_apply(
      call.pool, call.output(0), call.input(0), call.input(1), call.input(2), call.input(3),
      call.input(4), shape.count / shape[3], shape[3],
      call.workspace.assumingMemoryBound(to: Float.self))
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let dy = builder.upstream() else { return }
    let (x, mean, inverseStd) = (builder.inputs[0], builder.inputs[1], builder.inputs[2])
    let gamma = builder.inputs[3]
    if !usesBatchStatistics, builder.needs(0) {
      let dx = try builder.emit(BatchNormGradientFixed(), [dy, inverseStd, gamma])
      builder.flow(dx[0], to: 0)
    }
    guard builder.needs(3) || builder.needs(4) || (usesBatchStatistics && builder.needs(0)) else {
      return
    }
    let sums = try builder.emit(BatchNormGradientSums(), [dy, x, mean, inverseStd])
    builder.flow(sums[0], to: 3)
    builder.flow(sums[1], to: 4)
    if usesBatchStatistics, builder.needs(0) {
      let dx = try builder.emit(
        BatchNormGradientInput(), [dy, x, mean, inverseStd, gamma, sums[0], sums[1]])
      builder.flow(dx[0], to: 0)
    }
  }
}

extension Op {
  /// Throws unless `input` is `[N, H, W, C]` and each of `others` is `[C]`.
  func checkChannels(
    _ input: TensorType, _ others: ArraySlice<TensorType>, _ names: [String]
  ) throws(ShapeError) {
    try require(
      input.shape.rank == 4 && input.dtype == .float32,
      "the input is float32 [N, H, W, C], found \(input)")
    let expected = TensorType([input.shape[3]])
    for (other, name) in zip(others, names) {
      try require(
        other == expected,
        "\(name) is \(expected) for \(input.shape[3]) channels, found \(other)")
    }
  }
}
