import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct FalsePositiveLossesTests {
  /// Losses and predictions, naively in Double.
  static func reference(_ inputs: [Reference], ignoreIndex: Int) -> [Reference] {
    let (logits, labels) = (inputs[0], inputs[1])
    let classes = logits.shape[3]
    var losses = [Double](repeating: 0, count: labels.values.count)
    var predictions = [Double](repeating: 255, count: losses.count)
    for (pixel, value) in labels.values.enumerated() {
      let z = Array(logits.values[pixel * classes..<(pixel + 1) * classes])
      let largest = z.max() ?? 0
      let (label, prediction) = (Int(value), z.firstIndex(of: largest) ?? 0)
      guard label != ignoreIndex, label < classes, label != prediction else { continue }
      let e = z.map { exponential($0 - largest) }
      let others = e.indices.filter { $0 != prediction }.map { e[$0] }.reduce(0, +)
      losses[pixel] = -naturalLogarithm(others / e.reduce(0, +) + 1e-9)
      predictions[pixel] = Double(prediction)
    }
    return [Reference(labels.shape, losses), Reference(labels.shape, predictions)]
  }

  /// `dl · p_k / (1 - p_k + 1e-9) · (onehot(k) - p)`
  static func gradient(_ inputs: [Reference], _ upstream: Reference, ignoreIndex: Int) -> Reference
  {
    let predictions = reference(inputs, ignoreIndex: ignoreIndex)[1].values.map { Int($0) }
    var result = Reference(zeros: inputs[0].shape)
    let classes = result.shape[3]
    for (pixel, prediction) in predictions.enumerated() where prediction < classes {
      let z = inputs[0].values[pixel * classes..<(pixel + 1) * classes]
      let largest = z.max() ?? 0
      let e = z.map { exponential($0 - largest) }
      let sum = e.reduce(0, +)
      let others = e.indices.filter { $0 != prediction }.map { e[$0] }.reduce(0, +)
      let factor = upstream.values[pixel] * e[prediction] / sum / (others / sum + 1e-9)
      for channel in 0..<classes {
        result.values[pixel * classes + channel] =
          factor * (channel == prediction ? others / sum : -e[channel] / sum)
      }
    }
    return result
  }

  static func testCase(
    _ name: String, _ shape: Shape, range: ClosedRange<Double> = -3...3,
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
        try graph.emit(FalsePositiveLosses(ignoreIndex: ignoreIndex), inputs, path: "loss")
      },
      reference: { reference($0, ignoreIndex: ignoreIndex) })
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
    testCase("most classes", [1, 3, 7, 255]),
    testCase("a class is ignored", [2, 5, 7, 5], ignoreIndex: 0),
    testCase("labels that are no class", [2, 5, 7, 5], labelled: 9),
    PixelCrossEntropyTests.inPlace(testCase("overwritten", [2, 5, 7, 11])),
  ]

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func tellsWhatIsWrong() {
    let types = [TensorType([2, 3, 4, 256]), TensorType([2, 3, 4], .uint8)]
    let message = OpCheck.message(types) { graph, inputs in
      try graph.emit(FalsePositiveLosses(ignoreIndex: 255), inputs, path: "loss")
    }
    #expect(message == "loss: false_positive_losses: takes 2 to 255 classes, found 256")
  }
}
