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

  /// What it remembers from batch to batch while training, for so many classes; nothing unless it says so.
  func state(classes: Int) -> [LossState]

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

/// A float tensor that a loss keeps over a run: saved with the run's state, not part of the model.
public struct LossState: Sendable {
  public var name: String
  public var shape: Shape
  /// Value of every element before the first step.
  public var start: Float

  public init(_ name: String, _ shape: Shape, startingAt start: Float) {
    self.name = name
    self.shape = shape
    self.start = start
  }
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
  /// Memory for what `SegmentationLoss.state` asked for; empty where nothing is trained.
  public var state: [Buffer]

  public init(
    classes: Int, ignoreIndex: Int, classWeights: [Float]? = nil, classCounts: [Int]? = nil,
    path: String = "loss", state: [Buffer] = []
  ) {
    self.classes = classes
    self.ignoreIndex = ignoreIndex
    self.classWeights = classWeights
    self.classCounts = classCounts
    self.path = path
    self.state = state
  }
}

extension SegmentationLoss {
  public func state(classes: Int) -> [LossState] { [] }
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

  /// The context's class weights, or ones, `[C]`.
  func classWeights(_ graph: Graph, _ context: LossContext) -> Tensor {
    let ones = [Float](repeating: 1, count: context.classes)
    return graph.constant(context.classWeights ?? ones, [context.classes])
  }

  /// Cross entropy of each pixel, `[N, H, W]`.
  func pixelLosses(
    _ logits: Tensor, _ labels: Tensor, _ context: LossContext
  ) throws(ShapeError) -> Tensor {
    let op = PixelLosses(ignoreIndex: context.ignoreIndex)
    return try logits.graph.emit(op, [logits, labels], path: context.path)[0]
  }
}

/// The losses of this version; a new one is a line here and a file beside this one.
public let lossKinds: [ConfigVariant<any SegmentationLoss>] = [
  ConfigVariant(CrossEntropy.self) { $0 },
  ConfigVariant(FocalLoss.self) { $0 },
  ConfigVariant(LDAM.self) { $0 },
  ConfigVariant(RecallLoss.self) { $0 },
  ConfigVariant(PrecisionLoss.self) { $0 },
  ConfigVariant(OHEMLoss.self) { $0 },
  ConfigVariant(LossMaxPooling.self) { $0 },
  ConfigVariant(Dice.self) { $0 },
  ConfigVariant(GeneralizedDice.self) { $0 },
  ConfigVariant(SoftIoU.self) { $0 },
  ConfigVariant(Tversky.self) { $0 },
  ConfigVariant(LovaszSoftmax.self) { $0 },
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
