public import SegCore

/// The keys of one kind of loss beside `weight` and `class_weights`.
public protocol LossKindConfig: ConfigKind {
  var variant: LossVariant { get }
}

/// The losses of this version; a new one is a line here and a file beside this one.
public let lossKinds: [ConfigVariant<any LossKindConfig>] = [
  ConfigVariant(CrossEntropyConfig.self) { $0 },
  ConfigVariant(RecallLossConfig.self) { $0 },
]

/// Every loss of the documentation, so that one that is missing here is told from a spelling mistake.
let lossNames = [
  "cross_entropy", "focal", "recall", "ohem", "loss_max_pooling", "dice", "soft_iou", "tversky",
  "generalized_dice", "lovasz_softmax", "ldam", "precision",
]

/// Whose formula: a paper and the code its authors published can differ.
public enum LossVariant: String, ConfigChoice {
  case paper
  case recallCode = "recall_code"
  case schedulingCode = "scheduling_code"

  public var help: String {
    switch self {
    case .paper: "the published equation"
    case .recallCode: "what the recall loss repository computes"
    case .schedulingCode: "what the loss scheduling repository computes"
    }
  }
}
