public import SegCore
public import SegEngine

/// Recall loss (Tian et al. 2022, equations 4 and 5): cross entropy weighted by each class's false negative rate in the
/// batch under way.
///
/// `paper`: w = FN / (FN + TP), 0 for a class found completely; mean over valid pixels. `recall_code`: w = max(FN, 1) /
/// max(GT, 1); divided by all pixels, ignored ones included. The weights are counts and carry no gradient.
public struct RecallLoss: SegmentationLoss {
  public static let name = "recall"
  public static let help =
    "Cross entropy weighted by each class's false negative rate in the batch."

  /// It makes its own.
  public static let takesClassWeights = false

  public var variant: LossVariant

  public init(variant: LossVariant = .paper) { self.variant = variant }

  public init(_ section: ConfigSection) {
    variant = section.choice(
      "variant", among: [.paper, .recallCode], default: .paper, planned: [],
      "Whose formula: \"paper\" is FN/(FN+TP) and a mean over valid pixels, \"recall_code\" "
        + "max(FN, 1)/max(GT, 1) and a mean over all pixels.")
  }

  public func trace(
    logits: Tensor, labels: Tensor, context: LossContext
  ) throws(ShapeError) -> Tensor {
    try checkClasses(logits, context)
    let graph = logits.graph
    let counting = RecallWeights(
      ignoreIndex: context.ignoreIndex, variant: variant == .paper ? .paper : .recallCode)
    let weights = try graph.emit(counting, [logits, labels], path: context.path)[0]
    let op = PixelCrossEntropy(
      ignoreIndex: context.ignoreIndex,
      normalization: variant == .paper ? .validPixels : .allPixels)
    return try graph.emit(op, [logits, labels, weights], path: context.path)[0]
  }
}
