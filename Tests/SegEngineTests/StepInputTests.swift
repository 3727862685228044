import SegCore
import SegEngine
import Testing

/// Inputs that follow from where in the run a step is.
@Suite struct StepInputTests {
  private static func graph() throws -> (Graph, Tensor) {
    let graph = Graph()
    let term = graph.input("term", TensorType([1]))
    let weight = graph.stepInput("weight", [1]) { time, elements in
      elements[0] = Float(time.iteration) / Float(time.iterations)
    }
    return (graph, try graph.emit(WeightedSum(), [term, weight], path: "sum")[0])
  }

  private static func context(_ iteration: Int, of iterations: Int) -> StepContext {
    var context = StepContext()
    context.time = TrainingTime(iteration: iteration, of: iterations)
    return context
  }

  @Test func isFilledBeforeEveryStep() throws {
    let (graph, sum) = try Self.graph()
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: [sum]), store: store, pool: ThreadPool(threads: 1))
    for iteration in [3, 0, 4] {
      executor.input("term")[0] = 8
      executor.run(Self.context(iteration, of: 4))
      #expect(executor.contents(of: sum)[0] == 2 * Float(iteration))
    }
    // Without a time: the end of the run.
    executor.run(StepContext())
    #expect(executor.contents(of: sum)[0] == 8)
  }

  /// Training and evaluation write their inputs into the same memory.
  @Test func memoryMayBeShared() throws {
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let memory = StepMemory()
    let runs = try (0..<2).map { _ in
      let (graph, sum) = try Self.graph()
      let executor = try Executor(
        Plan(graph, keeping: [sum]), store: store, pool: ThreadPool(threads: 1), memory: memory)
      return (executor, sum)
    }
    for (iteration, (executor, sum)) in zip([1, 2], runs) {
      executor.input("term")[0] = 1
      executor.run(Self.context(iteration, of: 4))
      #expect(executor.contents(of: sum)[0] == Float(iteration) / 4)
    }
  }

  @Test func isLookedAtWhereSomethingIsNotFinite() throws {
    let (graph, sum) = try Self.graph()
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: [sum]), store: store, pool: ThreadPool(threads: 1))
    executor.input("term")[0] = 1
    #expect(executor.firstNonFinite(Self.context(1, of: 2)) == nil)
    executor.input("term")[0] = 1
    #expect(executor.firstNonFinite(Self.context(1, of: 0)) == "input weight")
  }
}
