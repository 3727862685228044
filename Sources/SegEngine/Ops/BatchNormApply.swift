import CSegKernels
public import SegCore

/// Normalises each channel: `y = (x - mean) · inverseStd · gamma + beta`, the second half of batch
/// normalisation; on request with what often follows, in the same pass: `y = max(0, … + residual)`.
///
/// Inputs: `x` `[N, H, W, C]`, then mean, inverse standard deviation, gamma and beta, each `[C]`; where it
/// adds a residual, that `[N, H, W, C]`. Output: `[N, H, W, C]`. NaN stays NaN.
public struct BatchNormApply: Op {
  public static let name = "batch_norm_apply"
  /// Mean and inverse standard deviation come from `BatchNormStatistics` of the same `x`, so `x` also
  /// acts through them: the gradient then is that of both operations together. Otherwise the
  /// statistics are constants.
  package let usesBatchStatistics: Bool
  package let addsResidual: Bool
  package let rectifies: Bool

  public init(usesBatchStatistics: Bool, addsResidual: Bool = false, rectifies: Bool = false) {
    self.usesBatchStatistics = usesBatchStatistics
    self.addsResidual = addsResidual
    self.rectifies = rectifies
  }

  public var traits: OpTraits {
    OpTraits(inPlace: true, alsoOver: addsResidual ? [5] : [], isCheap: true)
  }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == (addsResidual ? 6 : 5),
      "takes x, mean, inverse std, gamma\(addsResidual ? ", beta and residual" : " and beta"), found \(inputs.count) inputs"
    )
    try checkChannels(inputs[0], inputs[1...4], ["mean", "inverse std", "gamma", "beta"])
    if addsResidual {
      try require(
        inputs[5] == inputs[0], "the residual is \(inputs[0]) like x, found \(inputs[5])")
    }
    return [inputs[0]]
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    inputs[1].byteCount
  }

  public func run(_ call: borrowing KernelCall) {
    let shape = call.inputs[0].shape
    sk_batch_norm_apply(
      call.pool, call.output(0), call.input(0), call.input(1), call.input(2), call.input(3),
      call.input(4), addsResidual ? call.input(5) : nil, rectifies ? 1 : 0,
      shape.count / shape[3], shape[3], call.workspace.assumingMemoryBound(to: Float.self))
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard var dy = builder.upstream() else { return }
    let (x, mean, inverseStd) = (builder.inputs[0], builder.inputs[1], builder.inputs[2])
    let (gamma, beta) = (builder.inputs[3], builder.inputs[4])
    let needsSums =
      builder.needs(3) || builder.needs(4) || (usesBatchStatistics && builder.needs(0))
    var sums: [Tensor] = []
    if addsResidual {
      // Only y tells what passed the rectifier, and what did is stored: it is the residual's gradient.
      if rectifies, needsSums, builder.needs(0) {
        let made = try builder.residualGradient(dy, x, mean, inverseStd)
        dy = made[0]
        sums = [made[1], made[2]]
      } else if rectifies {
        dy = try builder.emit(ReLUGradient(), [dy, builder.outputs[0]])[0]
      }
      builder.flow(dy, to: 5)
    }
    // What passed is computed again from x, which is read anyway.
    let rectified = rectifies && !addsResidual
    if needsSums {
      if sums.isEmpty {
        sums = try builder.emit(
          BatchNormGradientSums(rectified: rectified),
          [dy, x, mean, inverseStd] + (rectified ? [gamma, beta] : []))
      }
      builder.flow(sums[0], to: 3)
      builder.flow(sums[1], to: 4)
    }
    guard builder.needs(0) else { return }
    let dx =
      usesBatchStatistics
      ? try builder.emit(
        BatchNormGradientInput(rectified: rectified),
        [dy, x, mean, inverseStd, gamma] + sums + (rectified ? [beta] : []))
      : try builder.emit(
        BatchNormGradientFixed(rectified: rectified),
        [dy, inverseStd, gamma] + (rectified ? [x, mean, beta] : []))
    builder.flow(dx[0], to: 0)
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
