import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct ConcatenateTests {
  static let cases: [OpCase] = [
    joining("two pictures", [[2, 3, 5, 7], [2, 3, 5, 19]]),
    joining("five, as in ASPP", [16, 1, 33, 4, 48].map { [1, 3, 5, $0] }),
    joining("a single one", [[3, 4]]),
    joining("vectors", [[3], [5]]),
    joining("many rows", [[1, 131, 127, 3], [1, 131, 127, 2]]),
    OpCase(
      "the same tensor twice", inputs: [.random([2, 3, 5])], gradientTerms: 2,
      build: { graph, inputs in
        try graph.emit(Concatenate(), [inputs[0], inputs[0]], path: "join")
      },
      reference: { [join([$0[0], $0[0]])] }),
  ]

  static func joining(_ name: String, _ shapes: [Shape]) -> OpCase {
    OpCase(
      name,
      inputs: shapes.enumerated().map { .random($0.element, seed: UInt64($0.offset + 1)) },
      build: { graph, inputs in try graph.emit(Concatenate(), inputs, path: "join") },
      reference: { [join($0)] })
  }

  static func join(_ inputs: [Reference]) -> Reference {
    let widths = inputs.map { $0.shape.dims.last ?? 1 }
    let rows = inputs[0].shape.count / widths[0]
    var shape = inputs[0].shape
    shape.dims[shape.rank - 1] = widths.reduce(0, +)
    let values = (0..<rows).flatMap { row in
      zip(inputs, widths).flatMap { input, width in
        input.values[row * width..<(row + 1) * width]
      }
    }
    return Reference(shape, values)
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func leavesOutFrozenInputs() throws {
    let graph = Graph()
    let inputs = [graph.input("a", TensorType([1, 2])), graph.input("b", TensorType([1, 3]))]
    let joined = try graph.emit(Concatenate(), inputs, path: "join")[0]
    let seed = graph.input("seed", joined.type)
    _ = try graph.differentiate([(joined, seed)], alsoFor: [inputs[1]])
    #expect(graph.nodes.count == 2)
  }

  @Test(
    arguments: [
      ([], "join: concatenate: takes at least one input, found none"),
      (
        [TensorType([1, 2, 3, 4]), TensorType([1, 2, 5, 4])],
        "join: concatenate: all extents but the last must agree: input 0 is float32[1, 2, 3, 4], "
          + "input 1 is float32[1, 2, 5, 4]"
      ),
      (
        [TensorType([1, 2]), TensorType([1, 2], .uint8)],
        "join: concatenate: input 1 is uint8[1, 2], expected float32"
      ),
      ([TensorType([])], "join: concatenate: a scalar has no axis to join: float32[]"),
    ] as [([TensorType], String)])
  func explains(_ types: [TensorType], _ expected: String) {
    let message = OpCheck.message(types) { graph, inputs in
      try graph.emit(Concatenate(), inputs, path: "join")
    }
    #expect(message == expected)
  }
}
