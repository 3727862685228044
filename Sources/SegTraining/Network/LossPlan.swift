import SegCore
import SegEngine
import SegModels

/// The configured loss of scores that are there already.
struct LossPlan {
  struct Shape: Equatable {
    var height, width, classes: Int
  }

  let shape: Shape
  let plan: Plan
  let loss: Tensor

  init(_ builder: LossBuilder, _ shape: Shape) throws(ShapeError) {
    let graph = Graph(.inference)
    let logits = graph.input("logits", TensorType([1, shape.height, shape.width, shape.classes]))
    let labels = graph.input("labels", TensorType([1, shape.height, shape.width], .uint8))
    loss = try builder.trace(SegmentationOutput(logits: logits), labels: labels).total
    plan = Plan(graph, keeping: [loss])
    self.shape = shape
  }
}

extension InferenceRunner {
  /// The loss of one picture's scores; 0 without a configured loss.
  ///
  /// - Parameters:
  ///   - logits: `[height, width, classes]`.
  ///   - labels: `[height, width]`.
  func loss(
    logits: UnsafeBufferPointer<Float>, labels: [UInt8], height: Int, width: Int, classes: Int
  ) throws -> Double {
    guard
      let entry = try lossEntry(LossPlan.Shape(height: height, width: width, classes: classes))
    else { return 0 }
    _ = entry.executor.input("logits").update(fromContentsOf: logits)
    _ = entry.executor.input("labels", as: UInt8.self).update(fromContentsOf: labels)
    var context = StepContext()
    context.time = time
    entry.executor.run(context)
    return Double(entry.executor.contents(of: entry.plan.loss)[0])
  }
}
