import SegCore
import SegEngine
import SegTestSupport
import Testing

/// Operations that make one loss of a map of pixel losses.
@Suite struct PixelReductionTests {
  /// - Parameter step: losses are multiples of it where above 0, so that many are equal.
  static func losses(_ shape: Shape, step: Double = 0, seed: UInt64 = 1) -> OpInput {
    var input = OpInput.random(shape, in: 0.01...5, seed: seed)
    if step > 0 { input.values = input.values.map { ($0 / step).rounded(.down) * step } }
    return input
  }

  static func testCase<Reduction: PixelReduction>(
    _ op: Reduction, _ losses: OpInput, ignoring share: Double = 0.2, weighted: Bool = true,
    _ what: String = "",
    _ reference: @escaping @Sendable (PixelReductionReference) -> [Reference]
  ) -> OpCase {
    let classes = 6
    var result = OpCase(
      "\(Reduction.name) \(what) \(losses.type.shape)",
      inputs: [
        losses, .labels(losses.type.shape, classes: classes + 1, ignoring: share),
        weighted
          ? .random([classes], in: 0.2...2, seed: 3, differentiable: false)
          : .fixed([classes], [Double](repeating: 1, count: classes)),
      ],
      build: { graph, inputs in try graph.emit(op, inputs, path: "loss") },
      reference: { reference(PixelReductionReference($0)) })
    result.referenceGradient = { inputs, upstream in
      let shares = reference(PixelReductionReference(inputs))[1]
      return [
        Reference(shares.shape, shares.values.map { $0 * upstream[0].values[0] }), nil, nil,
      ]
    }
    // Powers are taken in single precision.
    result.leastTolerance = 1e-6
    return result
  }

  private static let shapes: [Shape] = [[2, 5, 7], [1, 1, 1], [3, 4, 16]]

  static let means: [OpCase] = PixelCrossEntropy.Normalization.allCases.flatMap { normalization in
    [0, 1.5].flatMap { gamma in
      shapes.map { mean(normalization, gamma, losses($0)) }
    }
  }

  private static func mean(
    _ normalization: PixelCrossEntropy.Normalization, _ gamma: Double, _ losses: OpInput
  ) -> OpCase {
    testCase(
      PixelMean(ignoreIndex: 255, normalization: normalization, focalGamma: gamma),
      losses, "\(normalization) \(gamma)"
    ) { $0.mean(normalization, gamma: gamma) }
  }

  private static func top(_ fraction: Double, _ losses: OpInput, ignoring: Double = 0.2) -> OpCase {
    testCase(
      TopPixels(ignoreIndex: 255, choice: .fraction(fraction)), losses, ignoring: ignoring,
      weighted: fraction < 0.9, "\(fraction)"
    ) { $0.top(fraction) }
  }

  private static func above(_ limit: Double, _ kept: Int, _ losses: OpInput) -> OpCase {
    testCase(
      TopPixels(ignoreIndex: 255, choice: .above(limit: limit, kept: kept)), losses,
      "above \(limit), \(kept)"
    ) { $0.above(limit, kept: kept) }
  }

  static let tops: [OpCase] =
    shapes.flatMap { [top(0.7, losses($0)), top(1, losses($0)), above(2, 3, losses($0))] } + [
      top(0.7, losses([2, 5, 7]), ignoring: 1), top(0.7, losses([2, 5, 7], step: 1)),
      above(0.5, 10, losses([2, 5, 7], step: 0.25)), above(9, 100_000, losses([2, 5, 7])),
    ]

  private static func rows(_ count: Int, _ losses: OpInput) -> OpCase {
    testCase(TopOfRows(ignoreIndex: 255, count: count), losses, "\(count)") { $0.rows(count) }
  }

  static let rows: [OpCase] = [
    rows(1, losses([2, 5, 7])), rows(4, losses([2, 5, 70])), rows(9, losses([2, 5, 7])),
    rows(3, losses([2, 3, 40], step: 1)), rows(1, losses([1, 1, 1])),
  ]

  private static func pooled(_ p: Double, _ ratio: Double, _ losses: OpInput) -> OpCase {
    testCase(
      MaxPooledPixels(ignoreIndex: 255, form: .exact, p: p, ratio: ratio), losses, weighted: false,
      "\(p) \(ratio)"
    ) { $0.maxPooled(p, ratio) }
  }

  private static func rescaled(_ p: Double, _ ratio: Double, _ losses: OpInput) -> OpCase {
    testCase(
      MaxPooledPixels(ignoreIndex: 255, form: .rescaled, p: p, ratio: ratio), losses,
      weighted: false, "rescaled \(p) \(ratio)"
    ) { $0.rescaled(p, ratio) }
  }

  static let pools: [OpCase] =
    shapes.flatMap { shape in
      [
        pooled(1.3, 0.1, losses(shape)), pooled(1.7, 0.4, losses(shape)),
        pooled(1.3, 1, losses(shape)), rescaled(1.3, 0.1, losses(shape)),
      ]
    } + [
      pooled(2, 0.25, losses([3, 4, 16], step: 0.5)),
      pooled(1.3, 0.1, losses([2, 5, 7], step: 6)),  // nothing but zeros
      rescaled(1.3, 0.3, losses([3, 4, 16], step: 4.5)),
    ]

  @Test(arguments: means + tops + rows + pools) func agrees(_ testCase: OpCase) throws {
    try OpCheck(testCase).run()
  }

  /// More pixels than one task of the kernels takes; equal losses reach across tasks, and the first are kept.
  static let large: [OpCase] = {
    let plain = losses([1, 150, 222])
    let equal = losses([1, 150, 222], step: 0.5)
    return [
      mean(.sumOfWeights, 1.5, plain), top(0.7, plain), top(0.01, plain), top(0.95, equal),
      above(4, 9000, plain), above(0.5, 10, equal), pooled(1.3, 0.1, plain),
      pooled(2, 0.25, equal), rescaled(1.3, 0.1, plain),
    ]
  }()

  @Test(arguments: large) func agreesOverTasks(_ testCase: OpCase) throws {
    let inputs = testCase.inputs.map { Reference($0.type.shape, $0.values) }
    let expected = testCase.reference(inputs)
    var first: [[Float]] = []
    for variant in VectorVariant.supported {
      for threads in [1, 3] {
        let found = try outputs(testCase, threads, variant)
        if first.isEmpty { first = found }
        let isEqual = found == first
        #expect(isEqual, "\(variant), \(threads) threads")
      }
    }
    for (found, expected) in zip(first, expected) {
      let scale = expected.values.map { abs($0) }.max() ?? 0
      let error = zip(found, expected.values).map { abs(Double($0) - $1) }.max() ?? 0
      #expect(error <= 1e-6 * scale)
    }
  }

  private func outputs(
    _ testCase: OpCase, _ threads: Int, _ variant: VectorVariant
  ) throws -> [[Float]] {
    let graph = Graph()
    let inputs = testCase.inputs.enumerated().map {
      graph.input("input\($0.offset)", $0.element.type)
    }
    let outputs = try testCase.build(graph, inputs)
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: outputs), store: store,
      pool: ThreadPool(threads: threads, variant: variant))
    executor.poison(byte: 0xFF)
    for (index, input) in testCase.inputs.enumerated() {
      if input.type.dtype == .uint8 {
        _ = executor.input("input\(index)", as: UInt8.self).update(
          fromContentsOf: input.values.map { UInt8($0) })
      } else {
        _ = executor.input("input\(index)").update(fromContentsOf: input.values.map { Float($0) })
      }
    }
    executor.run(StepContext())
    return outputs.map { Array(executor.contents(of: $0)) }
  }

  /// A batch in which the network has diverged must not look like a good one.
  @Test func divergenceShows() throws {
    let choices: [any PixelReduction] = [
      PixelMean(ignoreIndex: 255, normalization: .validPixels),
      TopPixels(ignoreIndex: 255, choice: .fraction(0.1)),
      TopPixels(ignoreIndex: 255, choice: .above(limit: 1, kept: 3)),
      TopOfRows(ignoreIndex: 255, count: 1),
      MaxPooledPixels(ignoreIndex: 255, form: .exact, p: 1.3, ratio: 0.1),
      MaxPooledPixels(ignoreIndex: 255, form: .rescaled, p: 1.3, ratio: 0.1),
    ]
    for value in [Float.nan, .infinity] {
      for op in choices {
        var losses = OpRun.floats(64, in: 0...3)
        losses[41] = value
        let graph = Graph()
        let map = graph.input("losses", TensorType([1, 4, 16]))
        let labels = graph.input("labels", TensorType([1, 4, 16], .uint8))
        let weights = graph.constant([1, 1], [2])
        let loss = try graph.emit(op, [map, labels, weights], path: "loss")[0]
        let store = ParameterStore()
        try store.reserve(gradients: false)
        let executor = try Executor(
          Plan(graph, keeping: [loss]), store: store, pool: ThreadPool(threads: 2))
        _ = executor.input("losses").update(fromContentsOf: losses)
        _ = executor.input("labels", as: UInt8.self).update(
          fromContentsOf: [UInt8](repeating: 1, count: 64))
        executor.run(StepContext())
        #expect(!executor.contents(of: loss)[0].isFinite, "\(op) of \(value)")
      }
    }
  }

  @Test(arguments: [
    (
      [TensorType([2, 3, 4]), TensorType([2, 3, 4], .uint8)],
      "loss: top_pixels: takes losses, labels and class weights, found 2 inputs"
    ),
    (
      [TensorType([2, 3, 4]), TensorType([2, 4, 3], .uint8), TensorType([5])],
      "loss: top_pixels: labels are uint8[2, 3, 4] like the losses, found uint8[2, 4, 3]"
    ),
    (
      [TensorType([2, 3, 4, 5]), TensorType([2, 3, 4], .uint8), TensorType([5])],
      "loss: top_pixels: losses are float32 [N, H, W], found float32[2, 3, 4, 5]"
    ),
    (
      [TensorType([2, 3, 4]), TensorType([2, 3, 4], .uint8), TensorType([5])],
      "loss: top_pixels: a fraction is above 0 and at most 1, found 1.5"
    ),
  ]) func tellsWhatIsWrong(_ types: [TensorType], _ expected: String) {
    let message = OpCheck.message(types) { graph, inputs in
      try graph.emit(
        TopPixels(ignoreIndex: 255, choice: .fraction(1.5)), inputs, path: "loss")
    }
    #expect(message == expected)
  }
}
