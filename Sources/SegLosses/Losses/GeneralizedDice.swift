public import SegCore
public import SegEngine

/// Generalised dice loss (Sudre et al. 2017): classes weighted by what they occupy of each image, mean over images.
public struct GeneralizedDice: SegmentationLoss {
  public static let name = "generalized_dice"
  public static let help =
    "Dice with each class weighted by one over its squared pixels, per image."

  /// It makes its own.
  public static let takesClassWeights = false

  public static var explanation: LossExplanation {
    LossExplanation(
      range: "[0, 1]",
      readings: [
        .init(
          equation:
            "L = mean_n 1 − 2 Σ_c w_c Σ_i p·Y / Σ_c w_c max(Σ_i p + Σ_i Y, 1); w_c = 1/(Σ_i Y)² (square), 1/Σ_i Y (simple) or 1 (uniform)",
          reduction:
            "sums over the valid pixels of each image, mean over all images; one without valid pixels adds 0",
          absent: "w = that of the rarest class present; it has a part in the denominator",
          source: "Sudre et al. 2017 as in NiftyNet, generalised_dice_loss")
      ])
  }

  /// How a class's weight follows from its pixels in an image.
  public enum Weighting: String, ConfigChoice {
    case square
    case simple
    case uniform

    public var help: String {
      switch self {
      case .square: "1 / pixels², the published one"
      case .simple: "1 / pixels"
      case .uniform: "1"
      }
    }

    func weight(_ pixels: Double) -> Double {
      switch self {
      case .square: 1 / (pixels * pixels)
      case .simple: 1 / pixels
      case .uniform: 1
      }
    }
  }

  public var variant: LossVariant { .paper }
  public var weighting: Weighting

  public init(weighting: Weighting = .square) { self.weighting = weighting }

  public init(_ section: ConfigSection) {
    _ = section.choice("variant", among: [.paper], default: LossVariant.paper, "Whose formula.")
    weighting = section.choice(
      "weighting", default: .square, "What a class weighs, from its pixels in the image.")
  }

  public func trace(
    logits: Tensor, labels: Tensor, context: LossContext
  ) throws(ShapeError) -> Tensor {
    try traceRegions(logits, labels, context, perImage: true, formula)
  }

  package var formula: any RegionFormula { GeneralizedDiceFormula(weighting: weighting) }
}

private struct GeneralizedDiceFormula: RegionFormula {
  var weighting: GeneralizedDice.Weighting

  func loss(
    of classes: UnsafeBufferPointer<ClassSums>, slopes: UnsafeMutableBufferPointer<ClassSums>
  ) -> Double {
    var heaviest = 0.0
    for sums in classes where sums.truth > 0 {
      heaviest = max(heaviest, weighting.weight(sums.truth))
    }
    guard heaviest > 0 else { return 0 }
    func weight(_ sums: ClassSums) -> Double {
      sums.truth > 0 ? weighting.weight(sums.truth) : heaviest
    }
    var (overlap, size) = (0.0, 0.0)
    for sums in classes {
      overlap += weight(sums) * sums.overlap
      size += weight(sums) * max(sums.probability + sums.truth, 1)
    }
    for (index, sums) in classes.enumerated() {
      slopes[index].overlap = -2 * weight(sums) / size
      if sums.probability + sums.truth > 1 {
        slopes[index].probability = 2 * overlap * weight(sums) / (size * size)
      }
    }
    return 1 - 2 * overlap / size
  }
}
