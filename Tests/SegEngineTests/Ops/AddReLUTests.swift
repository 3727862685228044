import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct AddReLUTests {
  static let cases: [OpCase] = [1, 37, 70_001].map { count in
    OpCase(
      "\(count) elements",
      // Sums stay away from 0, where the rectifier has a kink.
      inputs: [
        .random([count], avoiding: { abs($0) < 0.3 }), .random([count], in: -0.2...0.2, seed: 3),
      ],
      build: { graph, inputs in try graph.emit(AddReLU(), inputs, path: "sum") },
      reference: { inputs in
        [
          Reference(
            inputs[0].shape, zip(inputs[0].values, inputs[1].values).map { max(0, $0 + $1) })
        ]
      })
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func keepsNaN() throws {
    let run = try OpRun([([3], [.nan, 1, -1]), ([3], [1, .nan, 0.5])]) { graph, inputs in
      try graph.emit(AddReLU(), inputs, path: "sum")
    }
    #expect(run.outputs[0][0].isNaN && run.outputs[0][1].isNaN && run.outputs[0][2] == 0)
  }
}
