import SegCore
import SegEngine
import SegTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct SoftmaxTests {
  static let shapes: [Shape] = [
    [5], [1, 1, 1, 1], [2, 3, 7, 2], [2, 3, 7, 3], [2, 3, 7, 11], [1, 41, 43, 11], [2, 5, 7, 15],
    [2, 5, 7, 16], [2, 5, 7, 17], [2, 5, 7, 19], [2, 5, 7, 21], [2, 5, 7, 32], [2, 3, 7, 33],
    [2, 3, 5, 48], [1, 3, 5, 150], [3, 1000],
  ]

  static let cases: [OpCase] = shapes.map { shape in
    OpCase(
      "\(shape)", inputs: [.random(shape, in: -3...3)], summedTerms: shape.dims.last ?? 1,
      build: { graph, inputs in try graph.emit(Softmax(), inputs, path: "softmax") },
      reference: { [softmax($0[0])] })
  }

  static func softmax(_ x: Reference) -> Reference {
    let classes = x.shape.dims.last ?? 1
    var y = x
    for row in stride(from: 0, to: x.values.count, by: classes) {
      let range = row..<row + classes
      let most = x.values[range].max() ?? 0
      let sum = x.values[range].reduce(0) { $0 + exp($1 - most) }
      for index in range { y.values[index] = exp(x.values[index] - most) / sum }
    }
    return y
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test(arguments: [2, 11, 16, 21, 33, 150]) func survivesLargeLogits(_ classes: Int) throws {
    let shape: Shape = [1, 7, 9, classes]
    let logits = OpRun.floats(shape.count, in: -1e4...1e4)
    let run = try OpRun([(shape, logits)], seed: OpRun.floats(shape.count)) { graph, inputs in
      try graph.emit(Softmax(), inputs, path: "softmax")
    }
    #expect(run.gradients[0].allSatisfy { $0.isFinite })
    for row in stride(from: 0, to: shape.count, by: classes) {
      let sum = run.outputs[0][row..<row + classes].reduce(0, +)
      #expect(abs(sum - 1) < 1e-6)
    }
  }

  @Test func passesNaNOn() throws {
    var logits = OpRun.floats(64 * 11)
    logits[11 * 20 + 3] = .nan
    let run = try OpRun([([64, 11], logits)]) { graph, inputs in
      try graph.emit(Softmax(), inputs, path: "softmax")
    }
    for row in 0..<64 {
      let values = run.outputs[0][row * 11..<(row + 1) * 11]
      #expect(values.allSatisfy { $0.isNaN == (row == 20) }, "row \(row)")
    }
  }

  @Test(arguments: [
    (TensorType([]), "takes float32 with a last axis of at least 1, found float32[]"),
    (TensorType([4, 0]), "takes float32 with a last axis of at least 1, found float32[4, 0]"),
    (TensorType([4], .int32), "takes float32 with a last axis of at least 1, found int32[4]"),
  ])
  func explains(_ type: TensorType, _ expected: String) {
    let message = OpCheck.message([type]) { graph, inputs in
      try graph.emit(Softmax(), inputs, path: "head")
    }
    #expect(message == "head: softmax: \(expected)")
  }
}
