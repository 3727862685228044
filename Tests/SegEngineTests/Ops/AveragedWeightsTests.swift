import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct AveragedWeightsTests {
  /// Three batches: what a class weighs moves only while it is there.
  @Test func movesPresentClasses() throws {
    let store = ParameterStore()
    let buffer = store.declareRunBuffer("average", [4])
    let graph = Graph()
    let weights = graph.input("weights", TensorType([4]))
    let labels = graph.input("labels", TensorType([1, 2, 2], .uint8))
    let output = try graph.emit(
      AveragedWeights(alpha: 0.25, ignoreIndex: 3), [weights, labels, graph.buffer(buffer)],
      path: "loss")[0]
    try store.reserve(gradients: false)
    store.set(buffer, to: [1, 1, 1, 1])
    let executor = try Executor(
      Plan(graph, keeping: [output]), store: store, pool: ThreadPool(threads: 2))
    executor.poison(byte: 0xFF)
    for (present, expected) in [
      ([0, 0, 1, 255], [0.75, 0.875, 1, 1]), ([0, 3, 3, 0], [0.5625, 0.875, 1, 1]),
      ([2, 2, 2, 2], [0.5625, 0.875, 1.25, 1]),
    ] as [([UInt8], [Float])] {
      _ = executor.input("weights").update(fromContentsOf: [0, 0.5, 2, 7])
      _ = executor.input("labels", as: UInt8.self).update(fromContentsOf: present)
      executor.run(StepContext())
      #expect(Array(executor.contents(of: output)) == expected)
      #expect(store.values(of: buffer) == expected)
    }
  }

  /// A model's files have no place for it.
  @Test func belongsToTheRun() {
    let store = ParameterStore()
    _ = store.declareBuffer("running_mean", TensorType([2]))
    let buffer = store.declareRunBuffer("average", [3])
    #expect(store.keys.map(\.name) == ["running_mean"])
    #expect(store.runBuffers == [buffer] && store.buffers.count == 2)
  }

  @Test func tellsWhatIsWrong() {
    let types = [TensorType([4]), TensorType([1, 2, 2], .uint8), TensorType([5])]
    let message = OpCheck.message(types) { graph, inputs in
      try graph.emit(AveragedWeights(alpha: 0.5, ignoreIndex: 255), inputs, path: "loss")
    }
    #expect(
      message == "loss: averaged_weights: the average is float32[4], found float32[5]")
  }
}
