import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct FuseResizedCrossEntropyTests {
  private let graph = Graph()
  private let z, y, w: Tensor

  init() {
    z = graph.input("logits", TensorType([2, 5, 6, 7]))
    y = graph.input("labels", TensorType([2, 20, 24], .uint8))
    w = graph.constant([Float](repeating: 1, count: 7), [7])
  }

  private let rules: [any GraphRewrite] = [FuseResizedCrossEntropy(withGradient: true)]

  private func resized(_ height: Int = 20, _ width: Int = 24) throws -> Tensor {
    // A copy, so that it is no input of the graph.
    let source = try graph.emit(Copy(), [z], path: "head")[0]
    let op = ResizeBilinear(height: height, width: width, alignCorners: false)
    return try graph.emit(op, [source], path: "up")[0]
  }

  private func loss(_ logits: Tensor, _ labels: Tensor? = nil) throws -> Tensor {
    let op = PixelCrossEntropy(ignoreIndex: 255, normalization: .validPixels)
    return try graph.emit(op, [logits, labels ?? y, w], path: "loss")[0]
  }

  /// Loss and gradient after the rewrite, and the operations that were run.
  private func run(_ loss: Tensor) throws -> (values: [Float], operations: [String]) {
    let gradient = try #require(
      try graph.differentiate([(loss, graph.constant([1], [1]))], alsoFor: [z])[0])
    let plan = Plan(graph, keeping: [loss, gradient])
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(plan, store: store, pool: ThreadPool(threads: 2))
    _ = executor.input("logits").update(fromContentsOf: OpRun.floats(420, in: -3...3))
    let labels = (0..<960).map { $0 % 11 > 7 ? 255 : UInt8($0 / 9 % 7) }
    _ = executor.input("labels", as: UInt8.self).update(fromContentsOf: labels)
    executor.run(StepContext())
    return (
      Array(executor.contents(of: loss)) + Array(executor.contents(of: gradient)),
      plan.layers.map { "\($0.path) \($0.operation)" }
    )
  }

  @Test func replacesThePair() throws {
    let plain = FuseResizedCrossEntropyTests()
    let expected = try plain.run(plain.loss(plain.resized())).values
    let loss = try loss(resized())
    #expect(graph.rewrite(rules, keeping: [loss]) == ["fuse_resized_cross_entropy": 1])
    let (values, operations) = try run(loss)
    #expect(operations.contains("loss resized_cross_entropy"))
    #expect(!operations.contains { $0.contains("bilinear") || $0.contains("pixel") })
    let largest = expected.map(abs).max() ?? 0
    for (found, value) in zip(values, expected) { #expect(abs(found - value) <= 1e-6 * largest) }
  }

  /// Two losses on the same logits, one of them counting its weights.
  @Test func replacesEveryReader() throws {
    let logits = try resized()
    let counting = RecallWeights(ignoreIndex: 255, variant: .paper)
    let weights = try graph.emit(counting, [logits, y], path: "recall")[0]
    let op = PixelCrossEntropy(ignoreIndex: 255, normalization: .allPixels)
    let terms = [
      try loss(logits), try graph.emit(op, [logits, y, weights], path: "recall")[0],
    ]
    let total = try graph.emit(Add(), terms, path: "sum")[0]
    let counts = graph.rewrite(RewriteRules.training, keeping: [total] + terms)
    #expect(counts["fuse_resized_recall_weights"] == 1)
    #expect(counts["fuse_resized_cross_entropy"] == 2)
    let operations = try run(total).operations
    #expect(!operations.contains { $0.contains("bilinear") || $0.contains("pixel") })
  }

  @Test func leavesWhatOthersReadOrKeep() throws {
    let kept = try resized()
    let shared = try resized()
    let again = try resized()
    let softmax = try graph.emit(Softmax(), [shared], path: "scores")[0]
    // The resize's output is resized once more.
    let small = ResizeBilinear(height: 20, width: 24, alignCorners: true)
    let other = try graph.emit(small, [again], path: "again")[0]
    let outputs = [
      kept, try loss(kept), softmax, try loss(shared), other, try loss(again), try loss(other),
    ]
    #expect(graph.rewrite(rules, keeping: outputs) == ["fuse_resized_cross_entropy": 0])
  }

  /// Little is saved where the resize hardly enlarges.
  @Test(arguments: [(5, 6, 0), (7, 8, 0), (3, 3, 0), (8, 8, 1), (6, 11, 1)])
  func wantsAResizeThatEnlarges(_ height: Int, _ width: Int, _ count: Int) throws {
    let labels = graph.input("other", TensorType([2, height, width], .uint8))
    let loss = try loss(resized(height, width), labels)
    #expect(graph.rewrite(rules, keeping: [loss]) == ["fuse_resized_cross_entropy": count])
  }
}
