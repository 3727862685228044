import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct ResizedCrossEntropyTests {
  typealias Normalization = PixelCrossEntropy.Normalization

  static func testCase(
    _ name: String, _ shape: Shape, to size: (Int, Int), corners: Bool = false,
    range: ClosedRange<Double> = -4...4, ignoring share: Double = 0.2, ignoreIndex: Int = 255,
    labelled: Int? = nil, withGradient: Bool = true, _ normalization: Normalization = .validPixels
  ) -> OpCase {
    let (height, width) = size
    let readers = (2 * height / shape[1] + 2) * (2 * width / shape[2] + 2)
    let op = ResizedCrossEntropy(
      ResizeBilinear(height: height, width: width, alignCorners: corners),
      PixelCrossEntropy(ignoreIndex: ignoreIndex, normalization: normalization),
      withGradient: withGradient)
    return OpCase(
      "\(name), \(shape) to \(height) by \(width), corners \(corners), \(normalization)",
      inputs: [
        .random(shape, in: range, differentiable: withGradient),
        .labels(
          [shape[0], height, width], classes: labelled ?? shape[3], ignoring: share,
          ignoreIndex: ignoreIndex),
        .random([shape[3]], in: 0.2...2, seed: 3, differentiable: false),
      ],
      summedTerms: shape[0] * height * width, gradientTerms: readers + shape[3],
      differentiableOutputs: withGradient ? [0] : [],
      build: { graph, inputs in
        Array(try graph.emit(op, inputs, path: "loss").prefix(2))
      },
      reference: { inputs in
        let logits = ResizeBilinearTests.resize(inputs[0], height, width, corners)
        return PixelCrossEntropyTests.reference(
          [logits, inputs[1], inputs[2]], ignoreIndex: ignoreIndex, normalization)
      })
  }

  static let factors: [OpCase] = [
    testCase("16 times", [1, 3, 4, 5], to: (48, 64)),
    testCase("16 times", [2, 2, 3, 11], to: (32, 48), corners: true, .sumOfWeights),
    testCase("8 times", [2, 3, 5, 11], to: (24, 40), .allPixels),
    testCase("4 times", [1, 5, 6, 19], to: (20, 24)),
    testCase("twice", [2, 9, 7, 21], to: (18, 14), corners: true),
    testCase("twice", [1, 19, 17, 3], to: (38, 34)),
    testCase("same size", [2, 5, 7, 11], to: (5, 7)),
    testCase("same size", [1, 20, 33, 4], to: (20, 33), corners: true),
    testCase("odd", [2, 5, 7, 11], to: (17, 23), .sumOfWeights),
    testCase("2.5 times", [1, 6, 8, 16], to: (15, 20)),
    testCase("2.5 times", [1, 6, 8, 17], to: (15, 20), corners: true),
    testCase("smaller", [1, 19, 23, 3], to: (5, 9)),
    testCase("smaller", [2, 33, 9, 5], to: (2, 4), corners: true),
    testCase("taller, narrower", [1, 3, 40, 6], to: (31, 18)),
    testCase("shorter, wider", [2, 40, 3, 6], to: (9, 50), corners: true),
    testCase("to one pixel", [1, 4, 5, 3], to: (1, 1), ignoring: 0),
    testCase("from one pixel", [2, 1, 1, 7], to: (5, 18)),
    testCase("wide", [1, 2, 100, 13], to: (3, 150), corners: true),
  ]

  static let others: [OpCase] =
    Normalization.allCases.map { testCase("odd", [2, 5, 3, 9], to: (13, 21), $0) } + [
      testCase("2 classes", [1, 2, 3, 2], to: (9, 11)),
      testCase("33 classes", [1, 2, 3, 33], to: (9, 11), .sumOfWeights),
      testCase(
        "256 classes, none ignored", [1, 2, 3, 256], to: (3, 5), ignoring: 0, ignoreIndex: -1),
      testCase("a class is ignored", [2, 3, 4, 5], to: (12, 17), ignoreIndex: 0),
      testCase("labels that are no class", [2, 3, 4, 5], to: (12, 17), labelled: 9, .allPixels),
      testCase("labels that are no class", [2, 3, 4, 5], to: (12, 17), labelled: 9),
      testCase("large logits", [1, 3, 4, 6], to: (12, 16), range: -60...60),
      testCase("all ignored", [1, 3, 4, 6], to: (12, 16), ignoring: 1),
      testCase("without gradient", [2, 5, 3, 9], to: (13, 21), withGradient: false),
    ]

  @Test(arguments: factors + others) func agrees(_ testCase: OpCase) throws {
    try OpCheck(testCase).run()
  }

  /// The loss twice, so that the second gradient is added to the first.
  @Test func gradientsAdd() throws {
    let single = Self.testCase("twice", [2, 5, 3, 9], to: (13, 21))
    var double = single
    double.build = { graph, inputs in
      let (first, second) = (try single.build(graph, inputs), try single.build(graph, inputs))
      return [try graph.emit(Add(), [first[0], second[0]], path: "sum")[0]]
    }
    double.reference = { [Reference([1], single.reference($0)[0].values.map { 2 * $0 })] }
    try OpCheck(double).run()
  }

  @Test(arguments: [
    (
      [TensorType([2, 3, 4, 5]), TensorType([2, 6, 8], .uint8), TensorType([4])],
      "loss: pixel_cross_entropy: class weights are float32[5] for 5 classes, found float32[4]"
    ),
    (
      [TensorType([2, 3, 4, 5]), TensorType([2, 3, 4], .uint8), TensorType([5])],
      "loss: pixel_cross_entropy: labels are uint8[2, 6, 8] for logits [2, 6, 8, 5], "
        + "found uint8[2, 3, 4]"
    ),
    (
      [TensorType([2, 3, 5]), TensorType([2, 6, 8], .uint8), TensorType([5])],
      "loss: resize_bilinear: takes float32[N, H, W, C], found float32[2, 3, 5]"
    ),
    (
      [TensorType([2, 3, 4, 5])],
      "loss: resized_cross_entropy: takes logits, labels and class weights, found 1 inputs"
    ),
  ]) func tellsWhatIsWrong(_ types: [TensorType], _ expected: String) {
    let message = OpCheck.message(types) { graph, inputs in
      try graph.emit(
        ResizedCrossEntropy(
          ResizeBilinear(height: 6, width: 8, alignCorners: false),
          PixelCrossEntropy(ignoreIndex: 255, normalization: .validPixels), withGradient: true),
        inputs, path: "loss")
    }
    #expect(message == expected)
  }

  @Test func wantsItsGradientTraced() {
    let types = [TensorType([2, 3, 4, 5]), TensorType([2, 6, 8], .uint8), TensorType([5])]
    let message = OpCheck.message(types) { graph, inputs in
      let loss = try graph.emit(
        ResizedCrossEntropy(
          ResizeBilinear(height: 6, width: 8, alignCorners: false),
          PixelCrossEntropy(ignoreIndex: 255, normalization: .validPixels), withGradient: false),
        inputs, path: "loss")[0]
      try graph.differentiate([(loss, graph.constant([1], [1]))], alsoFor: [inputs[0]])
      return []
    }
    #expect(message == "loss: resized_cross_entropy: was traced without its gradient")
  }
}
