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

  public static var explanation: LossExplanation {
    LossExplanation(
      range: "[0, ∞)",
      readings: [
        .init(
          equation:
            "L = Σ_i w(y_i) · (−log p_i(y_i)) / N_valid, w_c = FN_c / (FN_c + TP_c) of the batch, constant in the gradient",
          reduction: "mean over the valid pixels of the batch",
          absent: "w = 0; no pixel asks for it",
          source: "Tian et al. 2022, Striking the Right Balance, equations 4 and 5"),
        .init(
          .recallCode,
          equation:
            "L = Σ_i w(y_i) · (−log p_i(y_i)) / N_all, w_c = max(FN_c, 1) / max(GT_c, 1) of the batch",
          reduction: "sum over valid pixels, divided by all pixels of the batch",
          ignored: "no gradient; counted in the divisor",
          absent: "w = 1; no pixel asks for it",
          source: "recall-semseg, RecallCrossEntropy (2021-02), repaired for ignored pixels"),
      ])
  }

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
