public import SegCore
public import SegEngine

/// Cross entropy: the mean of `−log p` of the true class over valid pixels.
///
/// With class weights `Σ w·(−log p) / Σ w` over valid pixels, as `torch.nn.functional.cross_entropy`.
public struct CrossEntropy: SegmentationLoss {
  public static let name = "cross_entropy"
  public static let help = "Mean of -log p of the true class over valid pixels."

  public static let takesClassWeights = true

  public static var explanation: LossExplanation {
    LossExplanation(
      range: "[0, ∞)",
      readings: [
        .init(
          equation:
            "L = Σ_i w(y_i) · (−log p_i(y_i)) / Σ_i w(y_i), p = softmax(z), w = 1 without class weights",
          reduction: "mean over the valid pixels of the batch, weighted by class",
          source: "torch.nn.functional.cross_entropy with weight and ignore_index")
      ])
  }

  public var variant: LossVariant

  public init(variant: LossVariant = .paper) { self.variant = variant }

  public init(_ section: ConfigSection) {
    variant = section.choice("variant", among: [.paper], default: .paper, "Whose formula.")
  }

  public func trace(
    logits: Tensor, labels: Tensor, context: LossContext
  ) throws(ShapeError) -> Tensor {
    try checkClasses(logits, context)
    let weights = classWeights(logits.graph, context)
    let op = PixelCrossEntropy(
      ignoreIndex: context.ignoreIndex,
      normalization: context.classWeights == nil ? .validPixels : .sumOfWeights)
    return try logits.graph.emit(op, [logits, labels, weights], path: context.path)[0]
  }
}
