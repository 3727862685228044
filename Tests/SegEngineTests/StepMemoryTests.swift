import SegCore
import SegEngine
import Testing

/// Executors that take turns use the same memory.
@Suite struct StepMemoryTests {
  private func executor(_ count: Int, _ pool: ThreadPool, _ memory: StepMemory) throws -> (
    Executor, Tensor
  ) {
    let graph = Graph()
    let x = graph.input("x", TensorType([count]))
    let y = try graph.emit(Add(), [graph.emit(ReLU(), [x], path: "")[0], x], path: "")[0]
    let store = ParameterStore()
    try store.reserve(gradients: false)
    return (
      try Executor(Plan(graph, keeping: [y]), store: store, pool: pool, memory: memory), y
    )
  }

  @Test func memoryThatMovesIsFoundAgain() throws {
    let (memory, pool) = (StepMemory(), ThreadPool(threads: 2))
    var executors: [(Executor, Tensor)] = []
    // Each larger than those before: memory moves with every one.
    for count in [10, 100_000, 50, 1_000_000] {
      executors.append(try executor(count, pool, memory))
      for (executor, y) in executors {
        let input = executor.input("x")
        for index in input.indices { input[index] = Float(index % 7) - 3 }
        executor.run(StepContext())
        let result = executor.contents(of: y)
        #expect(
          result.indices.allSatisfy { index in
            let x = Float(index % 7) - 3
            return result[index] == max(0, x) + x
          })
      }
    }
  }
}
