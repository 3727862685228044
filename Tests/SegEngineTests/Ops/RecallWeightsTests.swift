import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct RecallWeightsTests {
  typealias Variant = RecallWeights.Variant

  static func reference(
    _ inputs: [Reference], ignoreIndex: Int, _ variant: Variant,
    measure: RecallWeights.Measure = .recall
  ) -> Reference {
    let (logits, labels) = (inputs[0], inputs[1])
    let classes = logits.shape[3]
    var truth = [Double](repeating: 0, count: classes)
    var missed = truth
    for (pixel, value) in labels.values.enumerated() {
      let label = Int(value)
      guard label != ignoreIndex, label < classes else { continue }
      let z = Array(logits.values[pixel * classes..<(pixel + 1) * classes])
      let prediction = z.firstIndex(of: z.max() ?? 0) ?? 0
      let counted = measure == .recall ? label : prediction
      truth[counted] += 1
      if prediction != label { missed[counted] += 1 }
    }
    let weights = (0..<classes).map {
      switch variant {
      case .paper: truth[$0] > 0 ? missed[$0] / truth[$0] : 0
      case .recallCode: max(missed[$0], 1) / max(truth[$0], 1)
      }
    }
    return Reference([classes], weights)
  }

  static func testCase(
    _ name: String, logits: OpInput, ignoring share: Double = 0.2, ignoreIndex: Int = 255,
    labelled: Int? = nil, _ variant: Variant, measure: RecallWeights.Measure = .recall
  ) -> OpCase {
    let shape = logits.type.shape
    return OpCase(
      "\(name), \(variant) \(measure)",
      inputs: [
        logits,
        .labels(
          [shape[0], shape[1], shape[2]], classes: labelled ?? shape[3], ignoring: share,
          ignoreIndex: ignoreIndex),
      ], differentiableOutputs: [],
      build: { graph, inputs in
        try graph.emit(
          RecallWeights(ignoreIndex: ignoreIndex, variant: variant, measure: measure), inputs,
          path: "loss")
      },
      reference: { [reference($0, ignoreIndex: ignoreIndex, variant, measure: measure)] })
  }

  static func random(_ shape: Shape) -> OpInput { .random(shape, differentiable: false) }

  static let cases: [OpCase] = Variant.allCases.flatMap { variant in
    [
      testCase("odd sizes", logits: random([2, 5, 7, 11]), variant),
      testCase("odd sizes", logits: random([2, 5, 7, 11]), variant, measure: .precision),
      testCase(
        "labels are few", logits: random([1, 9, 7, 5]), labelled: 2, variant, measure: .precision),
      testCase("one pixel", logits: random([1, 1, 1, 2]), ignoring: 0, variant),
      testCase("several chunks", logits: random([3, 45, 47, 19]), variant),
      testCase("34 classes, most absent", logits: random([1, 7, 11, 34]), labelled: 5, variant),
      testCase("a class is ignored", logits: random([2, 5, 7, 5]), ignoreIndex: 0, variant),
      testCase("labels that are no class", logits: random([2, 5, 7, 5]), labelled: 9, variant),
      testCase("all ignored", logits: random([2, 5, 7, 5]), ignoring: 1, variant),
      // Many logits are equal: the first of the largest is the prediction.
      testCase(
        "ties",
        logits: .fixed([2, 9, 9, 6], (0..<972).map { Double(($0 * 7 + $0 / 5) % 4) }), variant),
    ]
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  /// A loss weighted with them has the gradient it would have with constants.
  @Test func nothingFlowsBack() throws {
    let graph = Graph()
    let logits = graph.input("logits", TensorType([1, 2, 2, 3]))
    let labels = graph.input("labels", TensorType([1, 2, 2], .uint8))
    let weights = try graph.emit(
      RecallWeights(ignoreIndex: 255, variant: .paper), [logits, labels], path: "loss")[0]
    let seed = graph.input("seed", TensorType([3]))
    #expect(try graph.differentiate([(weights, seed)], alsoFor: [logits])[0] == nil)
  }

  @Test func wantsLabelsOfThePixels() {
    let types = [TensorType([2, 3, 4, 5]), TensorType([2, 3], .uint8)]
    let message = OpCheck.message(types) { graph, inputs in
      try graph.emit(RecallWeights(ignoreIndex: 255, variant: .paper), inputs, path: "loss")
    }
    #expect(
      message
        == "loss: recall_weights: labels are uint8[2, 3, 4] for logits [2, 3, 4, 5], found uint8[2, 3]"
    )
  }
}
