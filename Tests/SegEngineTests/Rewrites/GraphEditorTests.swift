import SegCore
import SegEngine
import Testing

/// A rule given as a closure.
private struct Rule: GraphRewrite {
  static let name = "rule"
  let body: @Sendable (inout GraphEditor) -> Int

  func apply(_ editor: inout GraphEditor) -> Int { body(&editor) }
}

@Suite struct GraphEditorTests {
  private let graph = Graph()
  private let a, b: Tensor

  init() {
    a = graph.input("a", TensorType([3]))
    b = graph.input("b", TensorType([3]))
  }

  private func emit(_ op: some Op, _ inputs: Tensor..., path: String = "here") throws -> Tensor {
    try graph.emit(op, inputs, path: path)[0]
  }

  /// Values of `tensor` for a = (1, -2, 3), b = (-4, 1, 5), and the operations that were run.
  private func run(_ tensor: Tensor) throws -> (values: [Float], operations: [String]) {
    let plan = Plan(graph, keeping: [tensor])
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(plan, store: store, pool: ThreadPool(threads: 1))
    if executor.hasInput("a") { _ = executor.input("a").update(fromContentsOf: [1, -2, 3]) }
    if executor.hasInput("b") { _ = executor.input("b").update(fromContentsOf: [-4, 1, 5]) }
    executor.run(StepContext())
    return (Array(executor.contents(of: tensor)), plan.layers.map { "\($0.path) \($0.operation)" })
  }

  @Test func tensorsStayValid() throws {
    let y = try emit(ReLU(), emit(Add(), a, b, path: "sum"), path: "act")
    let z = try emit(Add(), y, a, path: "last")
    #expect(graph.rewrite([FuseAddReLU()], keeping: [z]) == ["fuse_add_relu": 1])
    let (values, operations) = try run(z)
    #expect(values == [1, -2, 11])
    #expect(operations == ["act add_relu", "last add"])
    #expect(graph.rewrite([FuseAddReLU()], keeping: [z]) == ["fuse_add_relu": 0])
  }

  @Test func leavesWhatIsReadElsewhereOrKept() throws {
    let kept = try emit(Add(), a, b)
    let y = try emit(ReLU(), kept)
    #expect(graph.rewrite([FuseAddReLU()], keeping: [y, kept]) == ["fuse_add_relu": 0])
    let shared = try emit(Add(), a, b)
    let z = try emit(Add(), emit(ReLU(), shared), shared)
    #expect(graph.rewrite([FuseAddReLU()], keeping: [z, kept]) == ["fuse_add_relu": 0])
    #expect(try run(z).values == [-3, -1, 16])
  }

  /// Between the replaced operations lie one that makes an input and one that reads an output.
  @Test func findsThePlaceInBetween() throws {
    let first = try emit(Copy(), a, path: "first")
    let other = try emit(Copy(), b, path: "other")
    let reader = try emit(Copy(), first, path: "reader")
    let second = try emit(Copy(), other, path: "second")
    let sum = try emit(Add(), reader, second, path: "sum")
    graph.rewrite(
      [
        Rule { editor in
          let copies = editor.nodes(running: Copy.self).map(\.node)
          editor.replace(
            [copies[0], copies[3]],
            by: [
              .init(Copy(), editor.inputs(of: copies[0]), producing: editor.outputs(of: copies[0])),
              .init(ReLU(), editor.inputs(of: copies[3]), producing: editor.outputs(of: copies[3])),
            ])
          return 1
        }
      ], keeping: [sum])
    let (values, operations) = try run(sum)
    #expect(
      operations == ["other copy", "second copy", "second relu", "reader copy", "sum add"])
    #expect(values == [1, -1, 8])
  }

  @Test func valuesCanBeMade() throws {
    let y = try emit(ReLU(), a)
    graph.rewrite(
      [
        Rule { editor in
          let (relu, _) = editor.nodes(running: ReLU.self)[0]
          let input = editor.inputs(of: relu)
          let between = editor.makeValue(editor.type(of: input[0]))
          let added = editor.replace(
            [relu],
            by: [
              .init(Copy(), input, producing: [between]),
              .init(ReLU(), [between], producing: editor.outputs(of: relu)),
            ])
          #expect(editor.producer(of: between) == added[0] && editor.nodes == added)
          #expect(editor.readers(of: between) == [added[1]])
          return 1
        }
      ], keeping: [y])
    let (values, operations) = try run(y)
    #expect(values == [1, 0, 3] && operations == ["here copy", "here relu"])
  }

  // MARK: Mistakes of a rule

  @Test func aValueThatIsReadKeepsItsSource() async {
    await #expect(processExitsWith: .failure) {
      let graph = Graph()
      let a = graph.input("a", TensorType([3]))
      let sum = try graph.emit(Add(), [a, a], path: "")[0]
      let y = try graph.emit(ReLU(), [sum], path: "")[0]
      graph.rewrite(
        [
          Rule { editor in
            let (relu, _) = editor.nodes(running: ReLU.self)[0]
            let (add, _) = editor.nodes(running: Add.self)[0]
            editor.replace(
              [add, relu], by: AddReLU(), editor.inputs(of: add),
              producing: editor.outputs(of: relu))
            return 1
          }
        ], keeping: [y, sum])
    }
  }

  @Test func nothingReadsWhatDependsOnIt() async {
    await #expect(processExitsWith: .failure) {
      let graph = Graph()
      let a = graph.input("a", TensorType([3]))
      let first = try graph.emit(Copy(), [a], path: "")[0]
      let second = try graph.emit(ReLU(), [first], path: "")[0]
      graph.rewrite(
        [
          Rule { editor in
            let (copy, _) = editor.nodes(running: Copy.self)[0]
            let (relu, _) = editor.nodes(running: ReLU.self)[0]
            editor.replace(
              [copy], by: Copy(), editor.outputs(of: relu), producing: editor.outputs(of: copy))
            return 1
          }
        ], keeping: [second])
    }
  }

  @Test func typesFit() async {
    await #expect(processExitsWith: .failure) {
      let graph = Graph()
      let y = try graph.emit(ReLU(), [graph.input("a", TensorType([3]))], path: "")[0]
      graph.rewrite(
        [
          Rule { editor in
            let (relu, _) = editor.nodes(running: ReLU.self)[0]
            let other = editor.makeValue(TensorType([4]))
            editor.replace([relu], by: Copy(), [other], producing: editor.outputs(of: relu))
            return 1
          }
        ], keeping: [y])
    }
  }

  @Test func gradientsComeAfter() async {
    await #expect(processExitsWith: .failure) {
      let graph = Graph()
      let a = graph.input("a", TensorType([1]))
      let y = try graph.emit(ReLU(), [a], path: "")[0]
      try graph.differentiate([(y, y)], alsoFor: [a])
      graph.rewrite([], keeping: [y])
    }
  }
}
