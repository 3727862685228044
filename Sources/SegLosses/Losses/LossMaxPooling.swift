public import SegCore
public import SegEngine

/// Loss max-pooling (Rota Bulò et al. 2017): the largest weighted sum of pixel losses over all weights of bounded p-norm
/// and size. The weights are constant in the gradient, which is that of the maximum.
///
/// `scheduling_code` is the gradient-rescaled form of the loss scheduling repository, where it stands unused beside one
/// that divides by the number of pixels twice and cannot have trained anything.
public struct LossMaxPooling: SegmentationLoss {
  public static let name = "loss_max_pooling"
  public static let help = "Largest weighted sum of pixel losses over weights of bounded norm."

  /// It makes its own.
  public static let takesClassWeights = false

  public static var explanation: LossExplanation {
    LossExplanation(
      range: "[0, ∞)",
      readings: [
        .init(
          equation:
            "L = max_w Σ_i w_i · l_i, l_i = −log p_i(y_i), w ≥ 0, ‖w‖_p ≤ n^(−1/q), w_i ≤ τ = n^(−1/q) · m^(−1/p), 1/p + 1/q = 1; w_i = τ · min(1, (l_i/α)^(q−1)), p = 1.3, m/n = 0.1",
          reduction: "n = N_valid of the batch; never below the mean",
          source: "Rota Bulò et al. 2017, Loss Max-Pooling for Semantic Image Segmentation"),
        .init(
          .schedulingCode,
          equation:
            "L = ½ Σ_i w_i · l_i, w_i = τ · min(1, (l_i/α)^(q−1)), α = the (⌊m⌋ + 1)-th largest l_i, p = 1.3, m/n = 0.1",
          reduction: "n = N_all of the batch",
          ignored: "a loss of 0, counted in n, m and α; no gradient",
          source:
            "loss-scheduling, GradientRescaledLoss; α = 0, which divides by 0 there, gives w_i = τ"),
      ])
  }

  public var variant: LossVariant
  public var p: Double
  /// m/n
  public var ratio: Double

  public init(variant: LossVariant = .paper, p: Double = 1.3, ratio: Double = 0.1) {
    self.variant = variant
    self.p = p
    self.ratio = ratio
  }

  public init(_ section: ConfigSection) {
    variant = section.choice(
      "variant", among: [.paper, .schedulingCode], default: .paper,
      "Whose formula: \"paper\" is the exact maximum over valid pixels, \"scheduling_code\" rescaled gradients over "
        + "all pixels.")
    p = section.number("p", default: 1.3, in: 1.01...100, "Of the norm that bounds the weights.")
    ratio = section.number(
      "m_over_n", default: 0.1, in: 1e-6...1,
      "Part of the pixels that shares the weight at least; 1 is the mean.")
  }

  public func trace(
    logits: Tensor, labels: Tensor, context: LossContext
  ) throws(ShapeError) -> Tensor {
    try checkClasses(logits, context)
    let graph = logits.graph
    let losses = try pixelLosses(logits, labels, context)
    let op = MaxPooledPixels(
      ignoreIndex: context.ignoreIndex, form: variant == .paper ? .exact : .rescaled, p: p,
      ratio: ratio)
    let classes = graph.constant(
      [Float](repeating: 1, count: context.classes), [context.classes])
    return try graph.emit(op, [losses, labels, classes], path: context.path)[0]
  }
}
