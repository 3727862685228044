import SegCore

extension GradientBuilder {
  /// Through an activation that was computed while input 0 was read, to what was normalised: `op` gives the masked
  /// gradient and, from the same pass, gamma's and beta's; then follows the gradient of `BatchNormApply` as ever.
  ///
  /// - Parameters:
  ///   - op: reads `upstream`, input 0 and the four inputs of the normalisation (mean, inverse standard deviation, gamma,
  ///     beta).
  ///   - first: the index of the first of those.
  func differentiateActivation(
    _ op: some Op, _ upstream: [Tensor], first: Int, usesBatchStatistics: Bool
  ) throws(ShapeError) {
    guard needs(0) || needs(first + 2) || needs(first + 3) else { return }
    let x = inputs[0]
    let (mean, inverseStd, gamma) = (inputs[first], inputs[first + 1], inputs[first + 2])
    let gradients = try emit(op, upstream + [x] + inputs[first..<first + 4])
    flow(gradients[1], to: first + 2)
    flow(gradients[2], to: first + 3)
    guard needs(0) else { return }
    let dx =
      usesBatchStatistics
      ? try emit(
        BatchNormGradientInput(rectified: false),
        [gradients[0], x, mean, inverseStd, gamma, gradients[1], gradients[2]])
      : try emit(
        BatchNormGradientFixed(rectified: false), [gradients[0], inverseStd, gamma])
    flow(dx[0], to: 0)
  }
}
