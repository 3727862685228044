import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct ResizedPixelLossesTests {
  static func testCase(
    _ name: String, _ shape: Shape, to size: (Int, Int), corners: Bool = false,
    ignoring share: Double = 0.2, ignoreIndex: Int = 255, labelled: Int? = nil
  ) -> OpCase {
    let (height, width) = size
    let readers = (2 * height / shape[1] + 2) * (2 * width / shape[2] + 2)
    let op = ResizedPixelLosses(
      ResizeBilinear(height: height, width: width, alignCorners: corners),
      PixelLosses(ignoreIndex: ignoreIndex))
    return OpCase(
      "\(name), \(shape) to \(height) by \(width), corners \(corners)",
      inputs: [
        .random(shape, in: -4...4),
        .labels(
          [shape[0], height, width], classes: labelled ?? shape[3], ignoring: share,
          ignoreIndex: ignoreIndex),
      ],
      summedTerms: 4, gradientTerms: readers + shape[3],
      build: { graph, inputs in try graph.emit(op, inputs, path: "loss") },
      reference: { inputs in
        let logits = ResizeBilinearTests.resize(inputs[0], height, width, corners)
        return [PixelLossesTests.reference([logits, inputs[1]], ignoreIndex: ignoreIndex)]
      })
  }

  static let cases: [OpCase] = [
    testCase("16 times", [1, 2, 2, 3], to: (32, 32)),
    testCase("8 times", [2, 2, 3, 5], to: (16, 24), corners: true),
    testCase("same size", [2, 5, 7, 11], to: (5, 7)), testCase("odd", [2, 3, 5, 4], to: (13, 19)),
    testCase("smaller", [1, 19, 23, 3], to: (5, 9)),
    testCase("from one pixel", [2, 1, 1, 7], to: (5, 18)),
    testCase(
      "256 classes, none ignored", [1, 1, 2, 256], to: (2, 3), ignoring: 0, ignoreIndex: -1),
    testCase("labels that are no class", [2, 3, 4, 5], to: (12, 17), labelled: 9),
    testCase("all ignored", [1, 3, 4, 6], to: (12, 16), ignoring: 1),
  ]

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func wantsLabelsOfTheNewSize() {
    let types = [TensorType([2, 3, 4, 5]), TensorType([2, 3, 4], .uint8)]
    let message = OpCheck.message(types) { graph, inputs in
      let op = ResizedPixelLosses(
        ResizeBilinear(height: 6, width: 8, alignCorners: false), PixelLosses(ignoreIndex: 255))
      return try graph.emit(op, inputs, path: "loss")
    }
    #expect(
      message == "loss: pixel_losses: labels are uint8[2, 6, 8] for logits [2, 6, 8, 5], "
        + "found uint8[2, 3, 4]")
  }
}
