import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct PixelCrossEntropyTests {
  typealias Normalization = PixelCrossEntropy.Normalization

  /// Loss and normaliser, naively in Double.
  static func reference(
    _ inputs: [Reference], ignoreIndex: Int, _ normalization: Normalization
  ) -> [Reference] {
    let (logits, labels, weights) = (inputs[0], inputs[1], inputs[2])
    let classes = logits.shape[3]
    var (sum, weight, count) = (0.0, 0.0, 0.0)
    for (pixel, value) in labels.values.enumerated() {
      let label = Int(value)
      guard label != ignoreIndex, label < classes else { continue }
      let z = logits.values[pixel * classes..<(pixel + 1) * classes]
      let largest = z.max() ?? 0
      let exponentials = z.map { exponential($0 - largest) }.reduce(0, +)
      let entropy = naturalLogarithm(exponentials) + largest - z[z.startIndex + label]
      sum += weights.values[label] * entropy
      weight += weights.values[label]
      count += 1
    }
    let normaliser =
      switch normalization {
      case .validPixels: count
      case .sumOfWeights: weight
      case .allPixels: Double(labels.values.count)
      }
    let loss = normaliser > 0 ? sum / normaliser : 0
    return [Reference([1], [loss]), Reference([1], [normaliser])]
  }

  static func testCase(
    _ name: String, _ shape: Shape, range: ClosedRange<Double> = -4...4,
    ignoring share: Double = 0.2,
    ignoreIndex: Int = 255, labelled: Int? = nil, _ normalization: Normalization
  ) -> OpCase {
    let pixels = shape.count / shape[3]
    return OpCase(
      "\(name), \(normalization)",
      inputs: [
        .random(shape, in: range),
        .labels(
          [shape[0], shape[1], shape[2]], classes: labelled ?? shape[3], ignoring: share,
          ignoreIndex: ignoreIndex),
        .random([shape[3]], in: 0.2...2, seed: 3, differentiable: false),
      ],
      summedTerms: pixels, gradientTerms: shape[3],
      build: { graph, inputs in
        try graph.emit(
          PixelCrossEntropy(ignoreIndex: ignoreIndex, normalization: normalization), inputs,
          path: "loss")
      },
      reference: { reference($0, ignoreIndex: ignoreIndex, normalization) })
  }

  static let cases: [OpCase] =
    Normalization.allCases.map { testCase("odd sizes", [2, 5, 7, 11], $0) } + [
      testCase("one pixel", [1, 1, 1, 2], ignoring: 0, .validPixels),
      testCase("16 classes, whole blocks", [1, 4, 8, 16], .validPixels),
      testCase("17 classes", [2, 3, 7, 17], .sumOfWeights),
      testCase("19 classes, several chunks", [2, 45, 47, 19], .validPixels),
      testCase("34 classes", [1, 13, 11, 34], .allPixels),
      testCase(
        "256 classes, none ignored", [1, 3, 7, 256], ignoring: 0, ignoreIndex: -1, .validPixels),
      testCase("a class is ignored", [2, 5, 7, 5], ignoreIndex: 0, .validPixels),
      testCase("labels that are no class", [2, 5, 7, 5], labelled: 9, .allPixels),
      testCase("labels that are no class", [2, 5, 7, 5], labelled: 9, .validPixels),
      testCase("large logits", [1, 5, 7, 6], range: -60...60, .validPixels),
      inPlace(testCase("odd sizes", [2, 5, 7, 11], .validPixels)),
      inPlace(testCase("19 classes, several chunks", [2, 45, 47, 19], .validPixels)),
    ]

  /// The same after an operation whose output the gradient may overwrite.
  static func inPlace(_ testCase: OpCase) -> OpCase {
    var result = testCase
    result.name += ", in place"
    result.build = { graph, inputs in
      let logits = try graph.emit(Copy(), [inputs[0]], path: "copy")
      return try testCase.build(graph, logits + inputs.dropFirst())
    }
    return result
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  /// Loss, normaliser and gradient of one step.
  private func evaluate(
    _ shape: Shape, logits: (Int) -> Float, labels: (Int) -> UInt8, _ normalization: Normalization,
    weight: Float = 1
  ) throws -> (loss: Float, normaliser: Double, gradient: [Float]) {
    let graph = Graph()
    let z = graph.input("logits", TensorType(shape))
    let y = graph.input("labels", TensorType(Shape(Array(shape.dims[..<3])), .uint8))
    let w = graph.constant([Float](repeating: weight, count: shape[3]), [shape[3]])
    let outputs = try graph.emit(
      PixelCrossEntropy(ignoreIndex: 255, normalization: normalization), [z, y, w], path: "loss")
    let one = graph.constant([1], [1])
    let gradient = try #require(
      try graph.differentiate([(outputs[0], one)], alsoFor: [z])[0])
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: outputs + [gradient]), store: store, pool: ThreadPool(threads: 2))
    let input = executor.input("logits")
    for index in input.indices { input[index] = logits(index) }
    let target = executor.input("labels", as: UInt8.self)
    for index in target.indices { target[index] = labels(index) }
    executor.poison(byte: 0xFF)
    executor.run(StepContext())
    return (
      executor.contents(of: outputs[0])[0], executor.contents(of: outputs[1], as: Double.self)[0],
      Array(executor.contents(of: gradient))
    )
  }

  @Test(arguments: Normalization.allCases)
  func nothingToLearnFromIgnoredPixels(_ normalization: Normalization) throws {
    // Not even when the network says nonsense there.
    let result = try evaluate(
      [1, 3, 7, 5], logits: { [.nan, .infinity, -.infinity, 1, 2][$0 % 5] }, labels: { _ in 255 },
      normalization)
    #expect(result.loss == 0)
    #expect(result.normaliser == (normalization == .allPixels ? 21 : 0))
    #expect(result.gradient.allSatisfy { $0 == 0 })
  }

  @Test func weightsOfZeroGiveZero() throws {
    let result = try evaluate(
      [1, 3, 7, 5], logits: { Float($0 % 3) }, labels: { UInt8($0 % 5) }, .sumOfWeights, weight: 0)
    #expect(result.loss == 0)
    #expect(result.gradient.allSatisfy { $0 == 0 })
  }

  @Test func extremeLogitsStayFinite() throws {
    // The largest logit is the true class's in even pixels, the other's in odd ones.
    let result = try evaluate(
      [1, 4, 8, 2], logits: { $0 % 2 == 0 ? 1e4 : -1e4 }, labels: { UInt8($0 % 2) }, .validPixels)
    #expect(result.loss == 1e4)
    for pixel in 0..<32 {
      let expected: [Float] = pixel % 2 == 0 ? [0, 0] : [1.0 / 32, -1.0 / 32]
      #expect(Array(result.gradient[2 * pixel..<2 * pixel + 2]) == expected)
    }
  }

  @Test func divergenceShows() throws {
    let result = try evaluate(
      [1, 4, 8, 3], logits: { $0 == 40 ? .nan : 0 }, labels: { _ in 1 }, .validPixels)
    #expect(result.loss.isNaN)
    #expect(result.gradient[39..<42].allSatisfy { $0.isNaN })
    #expect(!result.gradient[42].isNaN)
  }

  @Test(arguments: [
    (
      [TensorType([2, 3, 4, 5]), TensorType([2, 3, 4], .uint8), TensorType([4])],
      "loss: pixel_cross_entropy: class weights are float32[5] for 5 classes, found float32[4]"
    ),
    (
      [TensorType([2, 3, 4, 5]), TensorType([2, 4, 3], .uint8), TensorType([5])],
      "loss: pixel_cross_entropy: labels are uint8[2, 3, 4] for logits [2, 3, 4, 5], "
        + "found uint8[2, 4, 3]"
    ),
    (
      [TensorType([2, 3, 4, 5]), TensorType([2, 3, 4]), TensorType([5])],
      "loss: pixel_cross_entropy: labels are uint8[2, 3, 4] for logits [2, 3, 4, 5], "
        + "found float32[2, 3, 4]"
    ),
    (
      [TensorType([2, 3, 5]), TensorType([2, 3, 4], .uint8), TensorType([5])],
      "loss: pixel_cross_entropy: logits are float32 [N, H, W, C], found float32[2, 3, 5]"
    ),
    (
      [TensorType([2, 3, 4, 1]), TensorType([2, 3, 4], .uint8), TensorType([1])],
      "loss: pixel_cross_entropy: takes 2 to 256 classes, found 1"
    ),
    (
      [TensorType([2, 3, 4, 5])],
      "loss: pixel_cross_entropy: takes logits, labels and class weights, found 1 inputs"
    ),
  ]) func tellsWhatIsWrong(_ types: [TensorType], _ expected: String) {
    let message = OpCheck.message(types) { graph, inputs in
      try graph.emit(
        PixelCrossEntropy(ignoreIndex: 255, normalization: .validPixels), inputs, path: "loss")
    }
    #expect(message == expected)
  }
}
