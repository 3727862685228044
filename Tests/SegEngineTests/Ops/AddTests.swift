import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct AddTests {
  static let cases: [OpCase] = [
    OpCase(
      "two tensors", inputs: [.random([2, 3, 5, 7]), .random([2, 3, 5, 7], seed: 3)],
      build: { graph, inputs in try graph.emit(Add(), inputs, path: "sum") },
      reference: { inputs in
        [Reference(inputs[0].shape, zip(inputs[0].values, inputs[1].values).map { $0 + $1 })]
      }),
    OpCase(
      "the same tensor twice", inputs: [.random([3, 5])],
      build: { graph, inputs in try graph.emit(Add(), [inputs[0], inputs[0]], path: "sum") },
      reference: { inputs in [Reference(inputs[0].shape, inputs[0].values.map { 2 * $0 })] }),
  ]

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func namesBothShapes() {
    let message = OpCheck.message([TensorType([2, 3]), TensorType([3, 2])]) { graph, inputs in
      try graph.emit(Add(), inputs, path: "backbone.layer1.0")
    }
    #expect(message == "backbone.layer1.0: add: inputs differ: float32[2, 3] and float32[3, 2]")
  }
}
