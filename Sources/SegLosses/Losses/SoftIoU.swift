public import SegCore
public import SegEngine

/// Soft intersection over union: one minus the mean of `Σ p·Y / Σ (p + Y − p·Y)` over classes.
///
/// `paper`: over the batch, of the classes it has. `recall_code`: minus the mean over images and all classes, with the
/// probabilities of ignored pixels in the union.
public struct SoftIoU: SegmentationLoss {
  public static let name = "soft_iou"
  public static let help = "1 - mean over classes of the intersection over union of probabilities."

  public static let takesClassWeights = false

  public static var explanation: LossExplanation {
    LossExplanation(
      range: "[0, 1]; recall_code [-1, 0]",
      readings: [
        .init(
          equation: "L = 1 − mean_c Σ_i p·Y / Σ_i (p + Y − p·Y), p = softmax(z), c present",
          reduction: "sums over the valid pixels of the batch; 0 when there are none",
          source: "Rahman and Wang 2016, as compared with in Tian et al. 2022"),
        .init(
          .recallCode,
          equation: "L = − mean_{n,c} Σ_i p·Y / (Σ_i (p + Y − p·Y) + 1e-16)",
          reduction: "sums over all pixels of each image; mean over images and all classes",
          ignored: "p counts in the union, so that these pixels have a gradient",
          absent: "0 in the mean over classes, without gradient",
          source: "recall-semseg, SoftIoULoss"),
      ])
  }

  public var variant: LossVariant

  public init(variant: LossVariant = .paper) { self.variant = variant }

  public init(_ section: ConfigSection) {
    variant = section.choice(
      "variant", among: [.paper, .recallCode], default: .paper,
      "Whose formula: \"paper\" is over the batch, \"recall_code\" over each image, ignored pixels included."
    )
  }

  public func trace(
    logits: Tensor, labels: Tensor, context: LossContext
  ) throws(ShapeError) -> Tensor {
    let isCode = variant == .recallCode
    return try traceRegions(
      logits, labels, context, perImage: isCode, sumsIgnored: isCode, formula)
  }

  package var formula: any RegionFormula { SoftIoUFormula(isCode: variant == .recallCode) }
}

private struct SoftIoUFormula: RegionFormula {
  var isCode: Bool

  func loss(
    of classes: UnsafeBufferPointer<ClassSums>, slopes: UnsafeMutableBufferPointer<ClassSums>
  ) -> Double {
    var counted = 0.0
    for sums in classes where isCode || sums.truth > 0 { counted += 1 }
    guard counted > 0 else { return 0 }
    var total = 0.0
    for (index, sums) in classes.enumerated() where sums.truth > 0 {
      let union = sums.probability + sums.truth - sums.overlap + (isCode ? 1e-16 : 0)
      total += sums.overlap / union
      slopes[index].overlap = -(union + sums.overlap) / (union * union * counted)
      slopes[index].probability = sums.overlap / (union * union * counted)
    }
    return (isCode ? 0 : 1) - total / counted
  }
}
