public import SegCore
public import SegEngine

/// Focal loss (Lin et al. 2017): cross entropy times `(1 − p)^γ`, which turns down what is easy. The gradient goes
/// through both factors.
///
/// `paper` and `scheduling_code` modulate each pixel. `recall_code` modulates one number, the mean cross entropy m of the
/// batch: its gradient is that of cross entropy times a factor, so pixels keep their proportions.
public struct FocalLoss: SegmentationLoss {
  public static let name = "focal"
  public static let help = "Cross entropy that weighs sure pixels less, by (1 - p)^gamma."

  /// A class weight multiplies the pixel's loss and is not part of p; in `recall_code` m is the weighted mean.
  public static let takesClassWeights = true

  public static var explanation: LossExplanation {
    LossExplanation(
      range: "[0, ∞)",
      readings: [
        .init(
          equation: "L = Σ_i w(y_i) · (1 − p_i(y_i))^γ · (−log p_i(y_i)) / N_valid, γ = 2",
          reduction: "sum over valid pixels, divided by their number",
          source: "Lin et al. 2017, Focal Loss for Dense Object Detection, equation 4"),
        .init(
          .recallCode,
          equation:
            "L = (1 − e^(−m))^γ · m, m = Σ_i w(y_i) · (−log p_i(y_i)) / Σ_i w(y_i) of the batch, γ = 1",
          reduction: "one modulated mean for the whole batch, no pixel for itself",
          source: "recall-semseg, FocalLoss (2021-02)"),
        .init(
          .schedulingCode,
          equation: "L = Σ_i w(y_i) · (1 − p_i(y_i))^γ · (−log p_i(y_i)) / N_all, γ = 2",
          reduction: "sum over valid pixels, divided by all pixels of the batch",
          ignored: "no gradient; counted in the divisor",
          source: "loss-scheduling, FocalLoss"),
      ])
  }

  public var variant: LossVariant
  /// `nil`: the variant's own.
  public var gamma: Double?
  public var reduction: LossReduction?

  public init(
    variant: LossVariant = .paper, gamma: Double? = nil, reduction: LossReduction? = nil
  ) {
    self.variant = variant
    self.gamma = gamma
    self.reduction = reduction
  }

  public init(_ section: ConfigSection) {
    variant = section.choice(
      "variant", among: [.paper, .recallCode, .schedulingCode], default: .paper,
      "Whose formula: \"paper\" and \"scheduling_code\" weigh each pixel, \"recall_code\" the batch's mean "
        + "cross entropy.")
    gamma = section.optionalNumber(
      "gamma", in: 0...20,
      "Exponent of 1 - p; null is the variant's own: 2, for recall_code 1.")
    reduction = LossReduction.read(
      section, default: "valid, for scheduling_code all, for recall_code weights")
  }

  public func trace(
    logits: Tensor, labels: Tensor, context: LossContext
  ) throws(ShapeError) -> Tensor {
    try checkClasses(logits, context)
    let graph = logits.graph
    let weights = classWeights(graph, context)
    if variant == .recallCode {
      let entropy = PixelCrossEntropy(
        ignoreIndex: context.ignoreIndex, normalization: (reduction ?? .weights).normalization)
      let mean = try graph.emit(entropy, [logits, labels, weights], path: context.path)[0]
      return try graph.emit(FocalLosses(gamma: gamma ?? 1), [mean], path: context.path)[0]
    }
    let losses = try pixelLosses(logits, labels, context)
    let modulated = try graph.emit(FocalLosses(gamma: gamma ?? 2), [losses], path: context.path)[0]
    let own: LossReduction = variant == .paper ? .valid : .all
    let mean = PixelMean(
      ignoreIndex: context.ignoreIndex, normalization: (reduction ?? own).normalization)
    return try graph.emit(mean, [modulated, labels, weights], path: context.path)[0]
  }
}
