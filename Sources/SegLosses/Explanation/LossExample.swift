import SegCore
import SegEngine

/// A loss really computed on an image small enough to check by hand: 2x2 pixels in three classes, one pixel ignored.
public struct LossExample: Sendable {
  public static let classes = 3
  /// Pixels of the classes over a training split that the example pretends to have.
  public static let classCounts = [100, 10, 1]
  public static let ignoreIndex = 255
  /// A pixel that is right, one that is wrong, one that is hardly right, an ignored one.
  public static let labels: [UInt8] = [0, 2, 1, 255]

  /// `[4][3]`, rows of the image one after the other.
  public var logits: [[Float]]
  /// `softmax` of the logits.
  public var probabilities: [[Float]]
  public var value: Float
  /// Of the value by the logits.
  public var gradient: [[Float]]

  private static let logits: [[Float]] = [[2, 0, 0], [0, 1, 0], [0.5, 1, 0], [0, 0, 1]]

  /// - Throws: `ShapeError` when the loss does not take such an image.
  public init(_ loss: any SegmentationLoss) throws {
    let graph = Graph()
    let shape: Shape = [1, 2, 2, Self.classes]
    let logits = graph.input("logits", TensorType(shape))
    let labels = graph.input("labels", TensorType([1, 2, 2], .uint8))
    let context = LossContext(
      classes: Self.classes, ignoreIndex: Self.ignoreIndex, classCounts: Self.classCounts)
    let value = try loss.trace(logits: logits, labels: labels, context: context)
    let probabilities = try graph.emit(Softmax(), [logits], path: "example")[0]
    let seed = graph.constant([1], [1])
    let gradient = try graph.differentiate([(value, seed)], alsoFor: [logits])[0]
    let kept = [value, probabilities] + (gradient.map { [$0] } ?? [])
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: kept), store: store, pool: ThreadPool(threads: 1))
    _ = executor.input("logits").update(fromContentsOf: Self.logits.joined())
    _ = executor.input("labels", as: UInt8.self).update(fromContentsOf: Self.labels)
    executor.run(StepContext())
    func pixels(_ tensor: Tensor?) -> [[Float]] {
      guard let tensor else {
        return [[Float]](
          repeating: [Float](repeating: 0, count: Self.classes), count: Self.labels.count)
      }
      let flat = Array(executor.contents(of: tensor))
      return Self.labels.indices.map { Array(flat[$0 * Self.classes..<($0 + 1) * Self.classes]) }
    }
    self.logits = Self.logits
    self.probabilities = pixels(probabilities)
    self.value = executor.contents(of: value)[0]
    self.gradient = pixels(gradient)
  }
}
