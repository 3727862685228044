public import SegCore
public import SegEngine

/// Tversky loss (Salehi et al. 2017): dice with a price of its own for false positives and false negatives.
public struct Tversky: SegmentationLoss {
  public static let name = "tversky"
  public static let help = "1 - TP / (TP + alpha FP + beta FN) of probabilities."

  public static let takesClassWeights = false

  public static var explanation: LossExplanation {
    LossExplanation(
      range: "[0, 1]",
      readings: [
        .init(
          equation:
            "TP = Σ_i p·Y, FP = Σ_i p·(1 − Y), FN = Σ_i (1 − p)·Y. per_class: L = mean_c of 1 − TP / max(TP + α FP + β FN, 1e-7). per_image: L = mean_n 1 − ΣTP / (ΣTP + α ΣFP + β ΣFN + 1e-5), Σ over classes. α = 0.3, β = 0.7",
          reduction:
            "sums over valid pixels; per_class over the batch and mean over all classes, per_image mean over images, of which one without valid pixels adds 0",
          absent: "per_class: 0 in the mean over all classes; per_image: its probabilities are FP",
          source:
            "Salehi et al. 2017; per_class as segmentation_models.pytorch, per_image as NiftyNet")
      ])
  }

  /// What one ratio is of.
  public enum Reduction: String, ConfigChoice {
    case perClass = "per_class"
    case perImage = "per_image"

    public var help: String {
      switch self {
      case .perClass: "a ratio for each class over the batch, mean over all classes"
      case .perImage: "a ratio for each image over all classes, mean over images"
      }
    }
  }

  public var variant: LossVariant { .paper }
  /// Price of a false positive.
  public var alpha: Double
  /// Price of a false negative.
  public var beta: Double
  public var reduction: Reduction

  public init(alpha: Double = 0.3, beta: Double = 0.7, reduction: Reduction = .perClass) {
    self.alpha = alpha
    self.beta = beta
    self.reduction = reduction
  }

  public init(_ section: ConfigSection) {
    _ = section.choice("variant", among: [.paper], default: LossVariant.paper, "Whose formula.")
    alpha = section.number("alpha", default: 0.3, in: 0...1e3, "Price of a false positive.")
    beta = section.number("beta", default: 0.7, in: 0...1e3, "Price of a false negative.")
    reduction = section.choice("reduction", default: .perClass, "What one ratio is of.")
  }

  public func trace(
    logits: Tensor, labels: Tensor, context: LossContext
  ) throws(ShapeError) -> Tensor {
    try traceRegions(logits, labels, context, perImage: reduction == .perImage, formula)
  }

  package var formula: any RegionFormula {
    TverskyFormula(alpha: alpha, beta: beta, perClass: reduction == .perClass)
  }
}

private struct TverskyFormula: RegionFormula {
  var alpha: Double
  var beta: Double
  var perClass: Bool

  func loss(
    of classes: UnsafeBufferPointer<ClassSums>, slopes: UnsafeMutableBufferPointer<ClassSums>
  ) -> Double {
    perClass ? lossOfClasses(classes, slopes) : lossOfAll(classes, slopes)
  }

  /// `TP + α FP + β FN`, which grows by `1 − α − β` with the overlap and by `α` with the probability.
  private func denominator(_ sums: ClassSums) -> Double {
    sums.overlap + alpha * (sums.probability - sums.overlap) + beta * (sums.truth - sums.overlap)
  }

  private func lossOfClasses(
    _ classes: UnsafeBufferPointer<ClassSums>, _ slopes: UnsafeMutableBufferPointer<ClassSums>
  ) -> Double {
    let count = Double(classes.count)
    var total = 0.0
    for (index, sums) in classes.enumerated() where sums.truth > 0 {
      let exact = denominator(sums)
      let size = max(exact, 1e-7)
      total += 1 - sums.overlap / size
      let bySize = exact > 1e-7 ? sums.overlap / (size * size * count) : 0
      slopes[index].overlap = -1 / (size * count) + bySize * (1 - alpha - beta)
      slopes[index].probability = bySize * alpha
    }
    return total / count
  }

  private func lossOfAll(
    _ classes: UnsafeBufferPointer<ClassSums>, _ slopes: UnsafeMutableBufferPointer<ClassSums>
  ) -> Double {
    var (overlap, size, truth) = (0.0, 1e-5, 0.0)
    for sums in classes {
      overlap += sums.overlap
      size += denominator(sums)
      truth += sums.truth
    }
    guard truth > 0 else { return 0 }
    let bySize = overlap / (size * size)
    for index in classes.indices {
      slopes[index].overlap = -1 / size + bySize * (1 - alpha - beta)
      slopes[index].probability = bySize * alpha
    }
    return 1 - overlap / size
  }
}
