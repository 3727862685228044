import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct ResizedRecallWeightsTests {
  typealias Variant = RecallWeights.Variant

  static func testCase(
    _ name: String, logits: OpInput, to size: (Int, Int), corners: Bool = false,
    ignoring share: Double = 0.2, ignoreIndex: Int = 255, labelled: Int? = nil, _ variant: Variant
  ) -> OpCase {
    let shape = logits.type.shape
    let (height, width) = size
    let op = ResizedRecallWeights(
      ResizeBilinear(height: height, width: width, alignCorners: corners),
      RecallWeights(ignoreIndex: ignoreIndex, variant: variant))
    return OpCase(
      "\(name), \(variant), \(shape) to \(height) by \(width), corners \(corners)",
      inputs: [
        logits,
        .labels(
          [shape[0], height, width], classes: labelled ?? shape[3], ignoring: share,
          ignoreIndex: ignoreIndex),
      ], differentiableOutputs: [],
      build: { graph, inputs in try graph.emit(op, inputs, path: "loss") },
      reference: { inputs in
        let logits = ResizeBilinearTests.resize(inputs[0], height, width, corners)
        return [
          RecallWeightsTests.reference([logits, inputs[1]], ignoreIndex: ignoreIndex, variant)
        ]
      })
  }

  static func random(_ shape: Shape) -> OpInput { .random(shape, differentiable: false) }

  static let cases: [OpCase] = Variant.allCases.flatMap { variant in
    [
      testCase("16 times", logits: random([2, 3, 5, 11]), to: (48, 80), variant),
      testCase("8 times", logits: random([1, 5, 7, 19]), to: (40, 56), corners: true, variant),
      testCase("4 times", logits: random([2, 9, 5, 3]), to: (36, 20), variant),
      testCase("twice", logits: random([1, 19, 21, 21]), to: (38, 42), variant),
      testCase("same size", logits: random([2, 5, 7, 11]), to: (5, 7), variant),
      testCase("odd", logits: random([2, 5, 7, 34]), to: (17, 23), labelled: 5, variant),
      testCase("smaller", logits: random([1, 19, 23, 5]), to: (5, 9), variant),
      testCase("one pixel", logits: random([1, 1, 1, 2]), to: (1, 1), ignoring: 0, variant),
      testCase(
        "a class is ignored", logits: random([2, 5, 7, 5]), to: (11, 20), ignoreIndex: 0, variant),
      testCase(
        "labels that are no class", logits: random([2, 5, 7, 5]), to: (11, 20), labelled: 9,
        variant),
      testCase(
        "all ignored", logits: random([2, 5, 7, 5]), to: (11, 20), ignoring: 1, variant),
      testCase("256 classes", logits: random([1, 2, 3, 256]), to: (7, 9), variant),
      // Many logits are equal, also between pixels: the first of the largest is the prediction.
      testCase(
        "ties", logits: .fixed([2, 9, 9, 6], (0..<972).map { Double(($0 * 7 + $0 / 5) % 4) }),
        to: (36, 36), variant),
    ]
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func nothingFlowsBack() throws {
    let graph = Graph()
    let logits = graph.input("logits", TensorType([1, 2, 2, 3]))
    let labels = graph.input("labels", TensorType([1, 4, 4], .uint8))
    let op = ResizedRecallWeights(
      ResizeBilinear(height: 4, width: 4, alignCorners: false),
      RecallWeights(ignoreIndex: 255, variant: .paper))
    let weights = try graph.emit(op, [logits, labels], path: "loss")[0]
    let seed = graph.input("seed", TensorType([3]))
    #expect(try graph.differentiate([(weights, seed)], alsoFor: [logits])[0] == nil)
  }

  @Test func wantsLabelsOfTheNewSize() {
    let types = [TensorType([2, 3, 4, 5]), TensorType([2, 3, 4], .uint8)]
    let message = OpCheck.message(types) { graph, inputs in
      let op = ResizedRecallWeights(
        ResizeBilinear(height: 6, width: 8, alignCorners: false),
        RecallWeights(ignoreIndex: 255, variant: .paper))
      return try graph.emit(op, inputs, path: "loss")
    }
    #expect(
      message == "loss: recall_weights: labels are uint8[2, 6, 8] for logits [2, 6, 8, 5], "
        + "found uint8[2, 3, 4]")
  }
}
