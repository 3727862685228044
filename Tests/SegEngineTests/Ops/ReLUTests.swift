import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct ReLUTests {
  static let cases: [OpCase] = [1, 37, 70_001].map { count in
    OpCase(
      "\(count) elements", inputs: [.random([count])],
      build: { graph, inputs in try graph.emit(ReLU(), inputs, path: "relu") },
      reference: { inputs in [Reference(inputs[0].shape, inputs[0].values.map { max(0, $0) })] })
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func keepsNaN() throws {
    let graph = Graph()
    let input = graph.input("x", TensorType([2]))
    let output = try graph.emit(ReLU(), [input], path: "relu")[0]
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let plan = Plan(graph, keeping: [output])
    let executor = try Executor(plan, store: store, pool: ThreadPool(threads: 1))
    executor.input("x")[0] = .nan
    executor.input("x")[1] = -1
    executor.run(StepContext())
    #expect(executor.contents(of: output)[0].isNaN)
    #expect(executor.contents(of: output)[1] == 0)
    #expect(executor.firstNonFinite(StepContext()) == "input x")
  }
}
