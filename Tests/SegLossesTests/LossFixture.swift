import Glibc
import SegCore
import SegEngine
import SegLosses
import Testing

/// Two images of 2×2 pixels in three classes, small enough to check a loss by hand:
/// `z[n,c,h,w] = 2·sin(1.3·(4n + 2h + w) + 1.7c + 0.3)`.
enum LossFixture {
  static let ignoreIndex = 255
  static let labelsA: [UInt8] = [0, 0, 1, 2, 0, 1, 0, 0]
  /// As A, with one pixel ignored.
  static let labelsB: [UInt8] = [0, 255, 1, 2, 0, 1, 0, 0]
  static let classWeights: [Float] = [0.5, 1, 1.5]

  static func context(weights: [Float]? = nil) -> LossContext {
    LossContext(classes: 3, ignoreIndex: ignoreIndex, classWeights: weights)
  }

  /// Loss and gradient with respect to the logits, `[pixel][class]`.
  static func evaluate(
    _ loss: some SegmentationLoss, _ context: LossContext, labels: [UInt8],
    at time: TrainingTime = .end
  ) throws -> (value: Double, gradient: [[Double]]) {
    let graph = Graph()
    let logits = graph.input("logits", TensorType([2, 2, 2, 3]))
    let target = graph.input("labels", TensorType([2, 2, 2], .uint8))
    let value = try loss.trace(logits: logits, labels: target, context: context)
    let seed = graph.constant([1], [1])
    let gradient = try #require(try graph.differentiate([(value, seed)], alsoFor: [logits])[0])
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: [value, gradient]), store: store, pool: ThreadPool(threads: 2))
    let z = executor.input("logits")
    for pixel in 0..<8 {
      for channel in 0..<3 {
        z[pixel * 3 + channel] = Float(2 * sin(1.3 * Double(pixel) + 1.7 * Double(channel) + 0.3))
      }
    }
    let y = executor.input("labels", as: UInt8.self)
    for (pixel, label) in labels.enumerated() { y[pixel] = label }
    var step = StepContext()
    step.time = time
    executor.run(step)
    let flat = executor.contents(of: gradient)
    return (
      Double(executor.contents(of: value)[0]),
      (0..<8).map { pixel in (0..<3).map { Double(flat[pixel * 3 + $0]) } }
    )
  }
}
