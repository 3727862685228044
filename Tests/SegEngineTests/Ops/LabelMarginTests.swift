import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct LabelMarginTests {
  private static func testCase(
    _ name: String, _ shape: Shape, scale: Float, ignoreIndex: Int = 255, labelled: Int? = nil
  ) -> OpCase {
    OpCase(
      name,
      inputs: [
        .random(shape, in: -4...4),
        .labels(
          [shape[0], shape[1], shape[2]], classes: labelled ?? shape[3],
          ignoring: ignoreIndex < 0 ? 0 : 0.2,
          ignoreIndex: ignoreIndex),
        .random([shape[3]], in: 0...0.5, seed: 3, differentiable: false),
      ],
      build: { graph, inputs in
        try graph.emit(
          LabelMargin(scale: scale, ignoreIndex: ignoreIndex), inputs, path: "loss")
      },
      reference: { inputs in
        var result = inputs[0]
        for (pixel, value) in inputs[1].values.enumerated() {
          let label = Int(value)
          guard label != ignoreIndex, label < shape[3] else { continue }
          result.values[pixel * shape[3] + label] -= inputs[2].values[label]
        }
        result.values = result.values.map { $0 * Double(scale) }
        return [result]
      })
  }

  static let cases = [
    testCase("odd sizes", [2, 5, 7, 11], scale: 30),
    testCase("one pixel", [1, 1, 1, 2], scale: 1),
    testCase("several chunks", [2, 45, 47, 19], scale: 3),
    testCase("256 classes", [1, 9, 11, 256], scale: 0.5, ignoreIndex: -1),
    testCase("a class is ignored", [1, 5, 7, 5], scale: 2, ignoreIndex: 0),
    testCase("labels that are no class", [1, 5, 7, 5], scale: 2, labelled: 9),
  ]

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func tellsWhatIsWrong() {
    let types = [
      TensorType([1, 2, 2, 3]), TensorType([1, 2, 2], .uint8), TensorType([4]),
    ]
    let message = OpCheck.message(types) { graph, inputs in
      try graph.emit(LabelMargin(scale: 1, ignoreIndex: 255), inputs, path: "loss.ldam")
    }
    #expect(
      message
        == "loss.ldam: label_margin: margins are float32[3] for 3 classes, found float32[4]")
  }
}
