import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct WeightedSumTests {
  static let cases: [OpCase] = [1, 2, 5].map { terms in
    OpCase(
      "\(terms) terms",
      inputs: (0..<terms).map { .random([1], seed: UInt64($0 + 1)) } + [
        .random([terms], seed: 20, differentiable: false)
      ], summedTerms: terms,
      build: { graph, inputs in try graph.emit(WeightedSum(), inputs, path: "loss") },
      reference: { inputs in
        let sum = (0..<terms).reduce(0.0) {
          $0 + inputs[$1].values[0] * inputs[terms].values[$1]
        }
        return [Reference([1], [sum])]
      })
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test(arguments: [
    (
      [[1], [1], [3]],
      "loss: weighted_sum: coefficients are float32[2] for 2 terms, found float32[3]"
    ),
    ([[1], [2], [2]], "loss: weighted_sum: term 1 is float32[1], found float32[2]"),
    (
      [[1]], "loss: weighted_sum: takes 1 to 32 terms and their coefficients, found 0 terms"
    ),
  ]) func tellsWhatIsWrong(_ shapes: [[Int]], _ expected: String) {
    let message = OpCheck.message(shapes.map { TensorType(Shape($0)) }) { graph, inputs in
      try graph.emit(WeightedSum(), inputs, path: "loss")
    }
    #expect(message == expected)
  }
}
