import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct FocalLossesTests {
  static func testCase(_ shape: Shape, gamma: Double) -> OpCase {
    OpCase(
      "\(shape), gamma \(gamma)",
      inputs: [.random(shape, in: 0.05...7)], summedTerms: 4, gradientTerms: 16,
      build: { graph, inputs in
        try graph.emit(FocalLosses(gamma: gamma), inputs, path: "loss")
      },
      reference: { inputs in
        let values = inputs[0].values.map { x in
          gamma == 0
            ? x : x * exponential(gamma * naturalLogarithm(1 - exponential(-x)))
        }
        return [Reference(inputs[0].shape, values)]
      })
  }

  @Test(
    arguments: [0, 0.5, 1, 2, 3.3].map { testCase([2, 5, 7], gamma: $0) } + [
      testCase([1], gamma: 1), testCase([1, 3, 17], gamma: 2),
    ])
  func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  /// Where nothing is left to learn there is neither loss nor gradient, and no 0/0 for small exponents.
  @Test(arguments: [0.5, 1, 2]) func zeroStaysZero(_ gamma: Double) throws {
    let run = try OpRun(
      [([16], [Float](repeating: 0, count: 16))], seed: [Float](repeating: 1, count: 16)
    ) { graph, inputs in try graph.emit(FocalLosses(gamma: gamma), inputs, path: "loss") }
    #expect(run.bits.allSatisfy { $0.allSatisfy { $0 == 0 } })
  }

  @Test func tellsWhatIsWrong() {
    let message = OpCheck.message([TensorType([4])]) { graph, inputs in
      try graph.emit(FocalLosses(gamma: -1), inputs, path: "loss")
    }
    #expect(message == "loss: focal_losses: gamma is 0 or more, found -1.0")
  }
}
