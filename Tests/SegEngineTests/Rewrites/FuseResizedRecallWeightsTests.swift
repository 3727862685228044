import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct FuseResizedRecallWeightsTests {
  private let graph = Graph()
  private let z, y: Tensor

  init() {
    z = graph.input("logits", TensorType([2, 5, 6, 7]))
    y = graph.input("labels", TensorType([2, 20, 24], .uint8))
  }

  private let rules: [any GraphRewrite] = [FuseResizedRecallWeights()]

  private func resized() throws -> Tensor {
    let op = ResizeBilinear(height: 20, width: 24, alignCorners: false)
    return try graph.emit(op, [z], path: "up")[0]
  }

  private func weights(_ logits: Tensor) throws -> Tensor {
    let op = RecallWeights(ignoreIndex: 255, variant: .recallCode)
    return try graph.emit(op, [logits, y], path: "loss")[0]
  }

  private func run(_ weights: Tensor) throws -> (values: [Float], operations: [String]) {
    let plan = Plan(graph, keeping: [weights])
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(plan, store: store, pool: ThreadPool(threads: 2))
    _ = executor.input("logits").update(fromContentsOf: OpRun.floats(420, in: -3...3))
    let labels = (0..<960).map { $0 % 11 > 7 ? 255 : UInt8($0 / 9 % 7) }
    _ = executor.input("labels", as: UInt8.self).update(fromContentsOf: labels)
    executor.run(StepContext())
    return (Array(executor.contents(of: weights)), plan.layers.map(\.operation))
  }

  @Test func replacesThePair() throws {
    let plain = FuseResizedRecallWeightsTests()
    let expected = try plain.run(plain.weights(plain.resized())).values
    let weights = try weights(resized())
    #expect(graph.rewrite(rules, keeping: [weights]) == ["fuse_resized_recall_weights": 1])
    let (values, operations) = try run(weights)
    #expect(operations == ["resized_recall_weights"])
    #expect(values == expected)
  }

  /// What remains is the cross entropy's to replace.
  @Test func leavesTheResizeToTheLoss() throws {
    let logits = try resized()
    let op = PixelCrossEntropy(ignoreIndex: 255, normalization: .allPixels)
    let loss = try graph.emit(op, [logits, y, weights(logits)], path: "loss")[0]
    #expect(graph.rewrite(rules, keeping: [loss]) == ["fuse_resized_recall_weights": 1])
    let expected = ["resize_bilinear", "resized_recall_weights", "pixel_cross_entropy"]
    #expect(try run(loss).operations == expected)
  }

  @Test func leavesWhatOthersReadOrKeep() throws {
    let kept = try resized()
    let shared = try resized()
    let outputs = [
      kept, try weights(kept), try weights(shared), try graph.emit(ReLU(), [shared], path: "a")[0],
    ]
    #expect(graph.rewrite(rules, keeping: outputs) == ["fuse_resized_recall_weights": 0])
  }
}
