public import SegCore
public import SegEngine

/// Recall loss (Tian et al. 2022, equations 4 and 5): cross entropy weighted by each class's false negative rate in the
/// batch under way.
///
/// `paper`: w = FN / (FN + TP), 0 for a class found completely; mean over valid pixels. `recall_code`: w = max(FN, 1) /
/// max(GT, 1); divided by all pixels, ignored ones included. The weights are counts and carry no gradient.
///
/// `ema`, `focal_gamma` and `with_precision` are options of versions that the authors' repository once held.
public struct RecallLoss: SegmentationLoss {
  public static let name = "recall"
  public static let help =
    "Cross entropy weighted by each class's false negative rate in the batch."

  /// It makes its own.
  public static let takesClassWeights = false

  public static var explanation: LossExplanation {
    let options =
      "; ema: w = α · w + (1 − α) · w of the batch before; focal_gamma: times (1 − p_i(y_i))^γ, constant in the gradient; with_precision: plus the precision loss of wrong pixels"
    return LossExplanation(
      range: "[0, ∞)",
      readings: [
        .init(
          equation:
            "L = Σ_i w(y_i) · (−log p_i(y_i)) / N_valid, w_c = FN_c / (FN_c + TP_c) of the batch, constant in the gradient"
            + options,
          reduction: "mean over the valid pixels of the batch",
          absent: "w = 0; no pixel asks for it; its moving average stays",
          source: "Tian et al. 2022, Striking the Right Balance, equations 4 and 5"),
        .init(
          .recallCode,
          equation:
            "L = Σ_i w(y_i) · (−log p_i(y_i)) / N_all, w_c = max(FN_c, 1) / max(GT_c, 1) of the batch"
            + options,
          reduction: "sum over valid pixels, divided by all pixels of the batch",
          ignored: "no gradient; counted in the divisor",
          absent: "w = 1; no pixel asks for it; its moving average stays",
          source: "recall-semseg, RecallCrossEntropy (2021-02), repaired for ignored pixels"),
      ])
  }

  public var variant: LossVariant
  /// `nil`: the variant's own.
  public var reduction: LossReduction?
  /// Part of this batch's weights in a moving average over batches; `nil` takes them as they are.
  public var ema: Double?
  public var focalGamma: Double
  public var withPrecision: Bool

  public init(
    variant: LossVariant = .paper, reduction: LossReduction? = nil, ema: Double? = nil,
    focalGamma: Double = 0, withPrecision: Bool = false
  ) {
    self.variant = variant
    self.reduction = reduction
    self.ema = ema
    self.focalGamma = focalGamma
    self.withPrecision = withPrecision
  }

  public init(_ section: ConfigSection) {
    variant = section.choice(
      "variant", among: [.paper, .recallCode], default: .paper,
      "Whose formula: \"paper\" is FN/(FN+TP) and a mean over valid pixels, \"recall_code\" "
        + "max(FN, 1)/max(GT, 1) and a mean over all pixels.")
    reduction = LossReduction.read(section, default: "valid, for recall_code all")
    ema = section.optionalNumber(
      "ema", in: 1e-6...1,
      "Part of the new weights in a moving average over training batches, class by class where present; null: none."
    )
    focalGamma = section.number(
      "focal_gamma", default: 0, in: 0...20,
      "Weighs each pixel by (1 - p)^focal_gamma as well, without a gradient of its own; 0 does not."
    )
    withPrecision = section.bool(
      "with_precision", default: false,
      "Adds the loss of wrongly predicted pixels, weighted by the false positive share of what they are predicted as."
    )
  }

  /// Averages start at 1: before the first batch no class is found.
  public func state(classes: Int) -> [LossState] {
    ema == nil ? [] : [LossState("average", [classes], startingAt: 1)]
  }

  public func trace(
    logits: Tensor, labels: Tensor, context: LossContext
  ) throws(ShapeError) -> Tensor {
    try checkClasses(logits, context)
    let graph = logits.graph
    let weights = try weights(logits, labels, context)
    let own: LossReduction = variant == .paper ? .valid : .all
    let normalization = (reduction ?? own).normalization
    let ignoreIndex = context.ignoreIndex
    let recall: Tensor
    if focalGamma == 0 {
      let op = PixelCrossEntropy(ignoreIndex: ignoreIndex, normalization: normalization)
      recall = try graph.emit(op, [logits, labels, weights], path: context.path)[0]
    } else {
      let losses = try pixelLosses(logits, labels, context)
      let op = PixelMean(
        ignoreIndex: ignoreIndex, normalization: normalization, focalGamma: focalGamma)
      recall = try graph.emit(op, [losses, labels, weights], path: context.path)[0]
    }
    guard withPrecision else { return recall }
    let precision = try PrecisionLoss.falsePositives(
      logits, labels, floor: variant == .recallCode, reduction: .weights, context)
    let ones = graph.constant([1, 1], [2])
    return try graph.emit(WeightedSum(), [recall, precision, ones], path: context.path)[0]
  }

  /// Of the batch, or in training their moving average. Evaluation takes the batch's own, which the model alone gives.
  private func weights(
    _ logits: Tensor, _ labels: Tensor, _ context: LossContext
  ) throws(ShapeError) -> Tensor {
    let graph = logits.graph
    let counting = RecallWeights(
      ignoreIndex: context.ignoreIndex, variant: variant == .paper ? .paper : .recallCode)
    let weights = try graph.emit(counting, [logits, labels], path: context.path)[0]
    guard let ema, graph.mode.isTraining else { return weights }
    guard let average = context.state.first else {
      throw ShapeError(
        op: Self.name, "has no memory for its moving average in this graph", path: context.path)
    }
    let op = AveragedWeights(alpha: ema, ignoreIndex: context.ignoreIndex)
    return try graph.emit(op, [weights, labels, graph.buffer(average)], path: context.path)[0]
  }
}
