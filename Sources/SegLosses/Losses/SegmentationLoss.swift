public import SegCore
public import SegEngine

/// A loss as the configuration describes it: a builder of graph, without state.
///
/// A new one is a file in this folder and a line in `lossKinds`.
public protocol SegmentationLoss: ConfigKind {
  var variant: LossVariant { get }

  /// Whether `class_weights` means something for it.
  static var takesClassWeights: Bool { get }

  /// Whether it reads the pixel counts of the training split.
  static var readsClassCounts: Bool { get }

  /// Class weights it has where the configuration gives none.
  var defaultClassWeights: ClassWeightsConfig? { get }

  /// What it computes, in every reading it has.
  static var explanation: LossExplanation { get }

  /// Traces the loss onto scores.
  ///
  /// - Parameters:
  ///   - logits: `[N, H, W, C]`.
  ///   - labels: UInt8 `[N, H, W]`, class indices and the ignore index.
  /// - Returns: the loss, `[1]`.
  func trace(
    logits: Tensor, labels: Tensor, context: LossContext
  ) throws(ShapeError) -> Tensor
}

/// What a loss knows of the run besides its own keys.
public struct LossContext: Sendable {
  public var classes: Int
  public var ignoreIndex: Int
  /// One weight a class; `nil` where classes are not weighted.
  public var classWeights: [Float]?
  /// Pixels of each class over the training split; `nil` where nobody has counted.
  public var classCounts: [Int]?
  /// Names the loss in error messages, e.g. `loss.recall`.
  public var path: String

  public init(
    classes: Int, ignoreIndex: Int, classWeights: [Float]? = nil, classCounts: [Int]? = nil,
    path: String = "loss"
  ) {
    self.classes = classes
    self.ignoreIndex = ignoreIndex
    self.classWeights = classWeights
    self.classCounts = classCounts
    self.path = path
  }
}

extension SegmentationLoss {
  public static var readsClassCounts: Bool { false }
  public var defaultClassWeights: ClassWeightsConfig? { nil }

  /// Throws unless the logits have a channel for each class.
  func checkClasses(_ logits: Tensor, _ context: LossContext) throws(ShapeError) {
    guard logits.shape.dims.last == context.classes else {
      throw ShapeError(
        op: Self.name,
        "logits have a channel for each of \(context.classes) classes, found \(logits.type)",
        path: context.path)
    }
  }
}

/// The losses of this version; a new one is a line here and a file beside this one.
public let lossKinds: [ConfigVariant<any SegmentationLoss>] = [
  ConfigVariant(CrossEntropy.self) { $0 },
  ConfigVariant(LDAM.self) { $0 },
  ConfigVariant(RecallLoss.self) { $0 },
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
