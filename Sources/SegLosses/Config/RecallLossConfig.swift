public import SegCore

/// `{"type": "recall"}`: cross entropy weighted by each class's false negative rate in the batch.
public struct RecallLossConfig: LossKindConfig {
  public static let name = "recall"
  public static let help =
    "Cross entropy weighted by each class's false negative rate in the batch."

  public var variant: LossVariant

  public init(variant: LossVariant = .paper) { self.variant = variant }

  public init(_ section: ConfigSection) {
    variant = section.choice(
      "variant", among: [.paper, .recallCode], default: .paper, planned: [],
      "Whose formula: \"paper\" is FN/(FN+TP) and a mean over valid pixels, \"recall_code\" "
        + "max(FN, 1)/max(GT, 1) and a mean over all pixels.")
  }
}
