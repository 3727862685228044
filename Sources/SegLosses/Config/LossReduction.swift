public import SegCore
internal import SegEngine

/// What a sum of weighted pixel losses is divided by.
public enum LossReduction: String, ConfigChoice {
  case valid, all, weights

  public var help: String {
    switch self {
    case .valid: "the pixels that are not ignored"
    case .all: "all pixels of the batch, those ignored included"
    case .weights: "the sum of the pixels' weights, as PyTorch does with class weights"
    }
  }

  var normalization: PixelCrossEntropy.Normalization {
    switch self {
    case .valid: .validPixels
    case .all: .allPixels
    case .weights: .sumOfWeights
    }
  }

  /// The key `reduction`; `nil` leaves the choice to the variant, so that changing it alone changes the reading.
  static func read(_ section: ConfigSection, default byVariant: String) -> LossReduction? {
    section.value(
      "reduction", ConfigType<LossReduction>.choice(among: Array(allCases)).optional,
      default: .some(nil),
      "What the sum over pixels is divided by; null is the variant's own: \(byVariant).")
  }
}
