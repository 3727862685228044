import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct PixelLossesTests {
  /// Cross entropy of each pixel, naively in Double; 0 where the label is ignored or no class.
  static func reference(_ inputs: [Reference], ignoreIndex: Int) -> Reference {
    let (logits, labels) = (inputs[0], inputs[1])
    let classes = logits.shape[3]
    let losses = labels.values.enumerated().map { pixel, value in
      let label = Int(value)
      guard label != ignoreIndex, label < classes else { return 0.0 }
      let z = logits.values[pixel * classes..<(pixel + 1) * classes]
      let largest = z.max() ?? 0
      let sum = z.map { exponential($0 - largest) }.reduce(0, +)
      return naturalLogarithm(sum) + largest - z[z.startIndex + label]
    }
    return Reference(labels.shape, losses)
  }

  /// `dl · (softmax(z) - onehot(y))`
  static func gradient(_ inputs: [Reference], _ upstream: Reference, ignoreIndex: Int) -> Reference
  {
    var result = inputs[0]
    let classes = result.shape[3]
    for (pixel, value) in inputs[1].values.enumerated() {
      let label = Int(value)
      let channels = pixel * classes..<(pixel + 1) * classes
      let z = result.values[channels]
      let largest = z.max() ?? 0
      let e = z.map { exponential($0 - largest) }
      let sum = e.reduce(0, +)
      for channel in 0..<classes {
        let slope = e[channel] / sum - (channel == label ? 1 : 0)
        let isValid = label != ignoreIndex && label < classes
        result.values[pixel * classes + channel] = isValid ? slope * upstream.values[pixel] : 0
      }
    }
    return result
  }

  static func testCase(
    _ name: String, _ shape: Shape, range: ClosedRange<Double> = -4...4,
    ignoring share: Double = 0.2, ignoreIndex: Int = 255, labelled: Int? = nil
  ) -> OpCase {
    var result = OpCase(
      "\(name), \(shape)",
      inputs: [
        .random(shape, in: range),
        .labels(
          [shape[0], shape[1], shape[2]], classes: labelled ?? shape[3], ignoring: share,
          ignoreIndex: ignoreIndex),
      ],
      summedTerms: shape[3],
      build: { graph, inputs in
        try graph.emit(PixelLosses(ignoreIndex: ignoreIndex), inputs, path: "loss")
      },
      reference: { [reference($0, ignoreIndex: ignoreIndex)] })
    result.referenceGradient = {
      [gradient($0, $1[0], ignoreIndex: ignoreIndex), nil]
    }
    return result
  }

  @Test func gradientIsTheSlope() {
    OpCheck(Self.testCase("odd sizes", [1, 3, 3, 4])).checkReference()
  }

  static let cases: [OpCase] = [
    testCase("odd sizes", [2, 5, 7, 11]), testCase("one pixel", [1, 1, 1, 2], ignoring: 0),
    testCase("whole blocks", [1, 4, 8, 16]), testCase("several chunks", [2, 35, 37, 19]),
    testCase("none ignored", [1, 3, 7, 256], ignoring: 0, ignoreIndex: -1),
    testCase("a class is ignored", [2, 5, 7, 5], ignoreIndex: 0),
    testCase("labels that are no class", [2, 5, 7, 5], labelled: 9),
    testCase("large logits", [1, 5, 7, 6], range: -60...60),
    PixelCrossEntropyTests.inPlace(testCase("overwritten", [2, 5, 7, 11])),
  ]

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func tellsWhatIsWrong() {
    let types = [TensorType([2, 3, 4, 5]), TensorType([2, 4, 3], .uint8)]
    let message = OpCheck.message(types) { graph, inputs in
      try graph.emit(PixelLosses(ignoreIndex: 255), inputs, path: "loss")
    }
    #expect(
      message
        == "loss: pixel_losses: labels are uint8[2, 3, 4] for logits [2, 3, 4, 5], found uint8[2, 4, 3]"
    )
  }
}
