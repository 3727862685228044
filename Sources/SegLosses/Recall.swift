public import SegCore
public import SegEngine

/// Recall loss (Tian et al. 2022, equation 4): cross entropy in which every class weighs as much as the
/// share of its pixels that the prediction of this batch misses. The weights carry no gradient.
public struct Recall: SegmentationLoss {
  public static let kind = "recall"
  let context: LossContext
  let variant: RecallWeights.Variant

  /// - Parameter variant: `.paper` weighs with FN / (FN + TP) and takes the mean over the pixels that
  ///   are not ignored. `.recallCode` weighs with max(FN, 1) / max(GT, 1) and divides by all pixels of
  ///   the batch; ignored ones weigh 0. (The published code itself cannot run with ignored pixels.)
  /// - Throws: `Failure(.badConfig)` when the context has class weights.
  public init(_ context: LossContext, variant: RecallWeights.Variant) throws(Failure) {
    guard context.classWeights == nil else {
      throw Failure(
        .badConfig, "class_weights", "the recall loss weighs classes itself",
        hint: "remove class_weights from this term, or use \(CrossEntropy.kind)")
    }
    self.context = context
    self.variant = variant
  }

  public func callAsFunction(
    logits: Tensor, labels: Tensor, path: String
  ) throws(ShapeError) -> Tensor {
    try checkClasses(logits, context.classes, path: path)
    let weights = try logits.graph.emit(
      RecallWeights(ignoreIndex: context.ignoreIndex, variant: variant), [logits, labels],
      path: path)[0]
    let op = PixelCrossEntropy(
      ignoreIndex: context.ignoreIndex,
      normalization: variant == .paper ? .validPixels : .allPixels)
    return try logits.graph.emit(op, [logits, labels, weights], path: path)[0]
  }
}
