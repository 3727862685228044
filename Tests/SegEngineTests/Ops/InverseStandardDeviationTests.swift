import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct InverseStandardDeviationTests {
  static let cases: [OpCase] = [1, 33].map { channels in
    OpCase(
      "\(channels) channels",
      inputs: [.random([channels], in: 0...2, differentiable: false)], differentiableOutputs: [],
      build: { graph, inputs in
        try graph.emit(InverseStandardDeviation(epsilon: 1e-3), inputs, path: "bn")
      },
      reference: { inputs in
        [Reference(inputs[0].shape, inputs[0].values.map { 1 / ($0 + 1e-3).squareRoot() })]
      })
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func wantsOneValueAChannel() {
    let message = OpCheck.message([TensorType([2, 3])]) { graph, inputs in
      try graph.emit(InverseStandardDeviation(), inputs, path: "bn")
    }
    #expect(
      message
        == "bn: inverse_standard_deviation: the variance is float32 [C], found float32[2, 3]")
  }
}
