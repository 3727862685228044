public import SegCore
public import SegEngine

/// A loss over the pixels of a batch: it builds graph and keeps no state.
public protocol SegmentationLoss: Sendable {
  /// The word that chooses it in a configuration, e.g. `cross_entropy`.
  static var kind: String { get }

  /// Emits the loss.
  ///
  /// - Parameters:
  ///   - logits: `[N, H, W, C]`.
  ///   - labels: `uint8[N, H, W]`; the ignored label has no part in value nor gradient.
  ///   - path: name of the term in messages and profiles.
  /// - Returns: the loss, `[1]`.
  func callAsFunction(
    logits: Tensor, labels: Tensor, path: String
  ) throws(ShapeError) -> Tensor
}

/// What a loss has to know of the data.
public struct LossContext: Sendable, Equatable {
  public var classes: Int
  public var ignoreIndex: Int
  /// One factor a class; `nil`: none.
  public var classWeights: [Float]?

  public init(classes: Int, ignoreIndex: Int, classWeights: [Float]? = nil) {
    self.classes = classes
    self.ignoreIndex = ignoreIndex
    self.classWeights = classWeights
  }
}

/// Every loss, by `kind`; a new one is a file and a line here.
public let segmentationLosses: [any SegmentationLoss.Type] = [CrossEntropy.self, Recall.self]

extension SegmentationLoss {
  /// Throws unless the logits have a channel for each class.
  func checkClasses(_ logits: Tensor, _ classes: Int, path: String) throws(ShapeError) {
    guard logits.shape.dims.last == classes else {
      throw ShapeError(
        op: Self.kind, "logits have a channel for each of \(classes) classes, found \(logits.type)",
        path: path)
    }
  }
}
