public import SegCore

/// `{"type": "cross_entropy"}`: the mean of `-log p` of the true class over valid pixels.
public struct CrossEntropyConfig: LossKindConfig {
  public static let name = "cross_entropy"
  public static let help = "Mean of -log p of the true class over valid pixels."

  public var variant: LossVariant

  public init(variant: LossVariant = .paper) { self.variant = variant }

  public init(_ section: ConfigSection) {
    variant = section.choice("variant", among: [.paper], default: .paper, "Whose formula.")
  }
}
