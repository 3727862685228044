import SegCore
import SegEngine
import Testing

/// These operations promise more than `OpCheck` asks: the same bits in every vector variant.
@Suite struct VariantBitsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var shapes: [Shape]
    var build: @Sendable (Graph, [Tensor]) throws -> [Tensor]

    init(_ op: some Op, _ shapes: Shape...) {
      testDescription = "\(type(of: op).name) \(shapes)"
      self.shapes = shapes
      build = { try $0.emit(op, $1, path: "op") }
    }
  }

  static let cases = [
    Case(Concatenate(), [1, 5, 7, 19], [1, 5, 7, 3]),
    Case(MaxPool(kernel: 3, stride: 2, padding: 1), [2, 9, 11, 21]),
    Case(GlobalAveragePool(), [2, 61, 53, 43]),
    Case(ResizeBilinear(height: 37, width: 41, alignCorners: false), [2, 5, 6, 11]),
    Case(ResizeBilinear(height: 9, width: 8, alignCorners: true), [2, 17, 19, 35]),
    Case(Dropout(probability: 0.3, stream: 5), [3, 41, 43, 17]),
    Case(Softmax(), [2, 33, 31, 11]),
    Case(Softmax(), [2, 33, 31, 21]),
    Case(Softmax(), [2, 7, 5, 150]),
  ]

  @Test(arguments: cases) func agree(_ testCase: Case) throws {
    let inputs = testCase.shapes.map { ($0, OpRun.floats($0.count, in: -4...4)) }
    let graph = Graph()
    let types = try testCase.build(
      graph, testCase.shapes.map { graph.input("\($0)", TensorType($0)) })
    let seed = OpRun.floats(types[0].shape.count, seed: 3)
    let expected = try OpRun(inputs, seed: seed, variant: .generic, testCase.build).bits
    for variant in VectorVariant.supported {
      let found = try OpRun(inputs, seed: seed, threads: 3, variant: variant, testCase.build).bits
      #expect(found == expected, "\(variant)")
    }
  }
}
