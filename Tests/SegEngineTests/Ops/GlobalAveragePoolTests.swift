import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct GlobalAveragePoolTests {
  static let shapes: [Shape] = [[1, 1, 1, 3], [2, 3, 5, 7], [3, 9, 11, 33], [1, 67, 61, 40]]

  static let cases: [OpCase] = shapes.map { shape in
    OpCase(
      "\(shape)", inputs: [.random(shape)],
      build: { graph, inputs in try graph.emit(GlobalAveragePool(), inputs, path: "mean") },
      reference: { [mean($0[0])] })
  }

  static func mean(_ x: Reference) -> Reference {
    var y = Reference(zeros: [x.shape[0], 1, 1, x.shape[3]])
    for (index, value) in x.values.enumerated() {
      let image = index / (x.shape.count / x.shape[0])
      y[image, 0, 0, index % x.shape[3]] += value / Double(x.shape[1] * x.shape[2])
    }
    return y
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  /// A float sum of 120 000 values near 1000 would be wrong in the third digit.
  @Test func isExactForLargePictures() throws {
    let shape: Shape = [1, 300, 400, 3]
    let values = OpRun.floats(shape.count, in: 999...1001)
    let run = try OpRun([(shape, values)]) { graph, inputs in
      try graph.emit(GlobalAveragePool(), inputs, path: "mean")
    }
    let expected = Self.mean(Reference(shape, values.map(Double.init)))
    for (found, exact) in zip(run.outputs[0], expected.values) {
      #expect(abs(Double(found) - exact) <= Double(Float(exact).ulp))
    }
  }

  @Test(arguments: [
    (TensorType([2, 3]), "takes float32[N, H, W, C], found float32[2, 3]"),
    (TensorType([1, 2, 2, 3], .uint8), "takes float32[N, H, W, C], found uint8[1, 2, 2, 3]"),
    (TensorType([1, 0, 2, 3]), "there are no pixels in float32[1, 0, 2, 3]"),
  ])
  func explains(_ type: TensorType, _ expected: String) {
    let message = OpCheck.message([type]) { graph, inputs in
      try graph.emit(GlobalAveragePool(), inputs, path: "mean")
    }
    #expect(message == "mean: global_average_pool: \(expected)")
  }
}
