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

  /// What is prepared from weights stands, whoever uses or moves the memory of steps in between.
  @Test func preparedWeightsStayWithTheirExecutor() throws {
    let (memory, pool) = (StepMemory(), ThreadPool(threads: 2))
    let store = ParameterStore()
    let weight = store.declareParameter("weight", [1000])
    try store.reserve(gradients: false)
    store.set(weight, to: [Float](repeating: 2, count: 1000))
    let graph = Graph(.inference)
    let x = graph.input("x", TensorType([1000]))
    let bound = graph.parameter(weight)
    let doubled = try graph.emit(Add(), [bound, bound], path: "")[0]
    let y = try graph.emit(Add(), [x, doubled], path: "")[0]
    let prepared = try Executor(Plan(graph, keeping: [y]), store: store, pool: pool, memory: memory)
    #expect(prepared.plan.preparationCount == 1 && prepared.plan.preparedBytes > 0)
    for (count, value) in [(10, 4), (500, 4), (100_000, 4), (20, 6), (1_000_000, 6)]
      as [(Int, Float)]
    {
      // The last two follow the weights into moved memory.
      if count == 20 { store.set(weight, to: [Float](repeating: 3, count: 1000)) }
      if count == 1_000_000 { store.set(weight, to: [Float](repeating: 3, count: 1000)) }
      let (other, _) = try executor(count, pool, memory)
      prepared.prepare()
      other.poison(byte: 0xFF)
      other.input("x").update(repeating: 1)
      other.run(StepContext())
      prepared.input("x").update(repeating: 1)
      prepared.run(StepContext())
      #expect(prepared.contents(of: y).allSatisfy { $0 == value + 1 })
    }
  }
}
