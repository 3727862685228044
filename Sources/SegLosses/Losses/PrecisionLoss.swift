public import SegCore
public import SegEngine

/// Precision loss: the recall loss's counterpart (Tian et al. 2022, equation 9), weighted by how much of what is
/// predicted as a class is wrong.
///
/// `paper`: cross entropy of each pixel times FP / (FP + TP) of its true class in the batch. `recall_code`: what an unused
/// function of the authors' repository adds to the recall loss: pixels that are predicted wrongly are pushed away from
/// the class k they are predicted as, weighted by max(FP, 1) / max(predicted, 1) of k.
public struct PrecisionLoss: SegmentationLoss {
  public static let name = "precision"
  public static let help =
    "Cross entropy weighted by each class's false positive share in the batch."

  /// It makes its own.
  public static let takesClassWeights = false

  public static var explanation: LossExplanation {
    LossExplanation(
      range: "[0, ∞)",
      readings: [
        .init(
          equation:
            "L = Σ_i w(y_i) · (−log p_i(y_i)) / N_valid, w_c = FP_c / (FP_c + TP_c) of the batch, constant in the gradient",
          reduction: "mean over the valid pixels of the batch",
          absent:
            "w = FP / FP = 1 where it is predicted, no pixel asks for it; 0 for a class never predicted",
          source:
            "Tian et al. 2022, equation 9, read as equation 5 with precision in place of recall"),
        .init(
          .recallCode,
          equation:
            "L = Σ_i v(k_i) · (−log(1 − p_i(k_i) + 1e-9)) / Σ_i v(k_i) over pixels predicted as k_i ≠ y_i, v_k = max(FP_k, 1) / max(predicted_k, 1) of the batch",
          reduction:
            "weighted mean over the valid pixels that are predicted wrongly; 0 without any",
          source:
            "recall-semseg, the precision half of RecallPreCrossEntropy (unused), repaired for ignored pixels"
        ),
      ])
  }

  public var variant: LossVariant
  public var reduction: LossReduction?

  public init(variant: LossVariant = .paper, reduction: LossReduction? = nil) {
    self.variant = variant
    self.reduction = reduction
  }

  public init(_ section: ConfigSection) {
    variant = section.choice(
      "variant", among: [.paper, .recallCode], default: .paper,
      "Whose formula: \"paper\" weighs cross entropy by FP/(FP+TP), \"recall_code\" pushes wrong pixels away from what "
        + "they are predicted as.")
    reduction = LossReduction.read(
      section, default: "valid, for recall_code weights, both over the pixels that take part")
  }

  public func trace(
    logits: Tensor, labels: Tensor, context: LossContext
  ) throws(ShapeError) -> Tensor {
    try checkClasses(logits, context)
    let graph = logits.graph
    if variant == .recallCode {
      return try Self.falsePositives(
        logits, labels, floor: true, reduction: reduction ?? .weights, context)
    }
    let counting = RecallWeights(
      ignoreIndex: context.ignoreIndex, variant: .paper, measure: .precision)
    let weights = try graph.emit(counting, [logits, labels], path: context.path)[0]
    let op = PixelCrossEntropy(
      ignoreIndex: context.ignoreIndex, normalization: (reduction ?? .valid).normalization)
    return try graph.emit(op, [logits, labels, weights], path: context.path)[0]
  }

  /// The weighted mean of `-log(1 - p_k + 1e-9)` over pixels predicted wrongly, as k.
  ///
  /// - Parameter floor: whether counts are 1 at least, as in the authors' code.
  static func falsePositives(
    _ logits: Tensor, _ labels: Tensor, floor: Bool, reduction: LossReduction,
    _ context: LossContext
  ) throws(ShapeError) -> Tensor {
    let graph = logits.graph
    let counting = RecallWeights(
      ignoreIndex: context.ignoreIndex, variant: floor ? .recallCode : .paper, measure: .precision)
    let weights = try graph.emit(counting, [logits, labels], path: context.path)[0]
    let wrong = try graph.emit(
      FalsePositiveLosses(ignoreIndex: context.ignoreIndex), [logits, labels], path: context.path)
    let mean = PixelMean(
      ignoreIndex: FalsePositiveLosses.noPrediction, normalization: reduction.normalization)
    return try graph.emit(mean, [wrong[0], wrong[1], weights], path: context.path)[0]
  }
}
