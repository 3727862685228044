import SegCore
import SegEngine
import Testing

/// `y = x + (2 · variance + weight)`, of which the bracket depends on the weights alone.
@Suite struct PreparationTests {
  private struct Fixture {
    let store = ParameterStore()
    let weight: Parameter
    let variance: Buffer
    let doubled, bracket, y: Tensor
    let plan: Plan
    let executor: Executor

    init(
      _ mode: Mode = .inference, placement: Placement = .shared,
      keeping wanted: (Fixture.Traced) -> [Tensor] = { [$0.y] }
    ) throws {
      weight = store.declareParameter("weight", [4])
      variance = store.declareBuffer("variance", TensorType([4]))
      try store.reserve(gradients: false)
      let graph = Graph(mode)
      let x = graph.input("x", TensorType([4]))
      let buffer = graph.buffer(variance)
      doubled = try graph.emit(Add(), [buffer, buffer], path: "doubled")[0]
      // Read before the bracket is made: the plan moves it behind.
      let copy = try graph.emit(Copy(), [x], path: "copy")[0]
      bracket = try graph.emit(Add(), [doubled, graph.parameter(weight)], path: "bracket")[0]
      y = try graph.emit(Add(), [copy, bracket], path: "y")[0]
      plan = Plan(
        graph, keeping: wanted(Traced(doubled: doubled, bracket: bracket, y: y)),
        placement: placement, guardBytes: placement == .separate ? 64 : 0)
      executor = try Executor(plan, store: store, pool: ThreadPool(threads: 1))
      store.set(weight, to: [1, 2, 3, 4])
      store.set(variance, to: [10, 20, 30, 40])
    }

    struct Traced { let doubled, bracket, y: Tensor }

    /// y for x = (0.5, …); memory that a step owns holds NaN before.
    func run() -> [Float] {
      executor.poison(byte: 0xFF)
      executor.input("x").update(repeating: 0.5)
      executor.run(StepContext())
      return Array(executor.contents(of: y))
    }
  }

  @Test(arguments: [Placement.shared, .separate]) func isComputedOnce(_ place: Placement) throws {
    let fixture = try Fixture(placement: place)
    #expect(fixture.plan.steps.map(\.path) == ["doubled", "bracket", "copy", "y"])
    #expect(fixture.plan.preparationCount == 2)
    #expect(fixture.plan.preparedBytes == (place == .shared ? 64 : 128))
    for _ in 0..<2 { #expect(fixture.run() == [21.5, 42.5, 63.5, 84.5]) }
    var ran: [Int] = []
    fixture.executor.run(StepContext()) { index, _ in ran.append(index) }
    #expect(ran == [2, 3])
    if place == .separate { #expect(fixture.executor.guardsIntact(byte: 0xFF)) }
  }

  /// Whoever changes weights, the next run sees it.
  @Test func followsTheWeights() throws {
    let fixture = try Fixture()
    #expect(fixture.run()[0] == 21.5)
    fixture.store.set(fixture.weight, to: [2, 2, 3, 4])
    #expect(fixture.run()[0] == 22.5)
    fixture.store.updateParameters { $0[0] = 5 }
    #expect(fixture.run()[0] == 25.5)
    fixture.store.set(fixture.variance, to: [11, 20, 30, 40])
    #expect(fixture.run()[0] == 27.5)
    #expect(fixture.executor.firstNonFinite(StepContext()) == nil)
    #expect(fixture.run()[0] == 27.5)
  }

  /// Another plan on the same weights moves the running statistics.
  @Test func followsRunningStatistics() throws {
    let fixture = try Fixture()
    #expect(fixture.run()[0] == 21.5)
    let store = ParameterStore()
    let variance = store.declareBuffer("variance", TensorType([4]))
    let mean = store.declareBuffer("mean", TensorType([4]))
    let counter = store.declareBuffer("counter", TensorType([], .int64))
    try store.reserve(gradients: false)
    let graph = Graph()
    let zero = graph.constant([0, 0, 0, 0], [4])
    let buffers = [mean, variance, counter].map { graph.buffer($0) }
    try graph.emit(UpdateRunningStatistics(count: 2), [zero, zero] + buffers, path: "bn")
    let executor = try Executor(
      Plan(graph, keeping: []), store: store, pool: ThreadPool(threads: 1))
    let before = store.generation
    executor.run(StepContext())
    #expect(store.generation > before)
    #expect(executor.firstNonFinite(StepContext()) == nil)
    #expect(store.generation > before + 1 && store.counter(counter) == 2)
  }

  @Test func keptTensorsStand() throws {
    let fixture = try Fixture(keeping: { [$0.doubled, $0.y] })
    #expect(fixture.plan.preparedBytes == 128)
    for _ in 0..<2 {
      _ = fixture.run()
      #expect(Array(fixture.executor.contents(of: fixture.doubled)) == [20, 40, 60, 80])
    }
  }

  /// Where weights change with every step nothing is set apart.
  @Test func notInTraining() throws {
    let fixture = try Fixture(.training)
    #expect(fixture.plan.steps.map(\.path) == ["doubled", "copy", "bracket", "y"])
    #expect(fixture.plan.preparationCount == 0 && fixture.plan.preparedBytes == 0)
    #expect(fixture.run() == [21.5, 42.5, 63.5, 84.5])
  }
}
