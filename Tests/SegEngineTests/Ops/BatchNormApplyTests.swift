import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct BatchNormApplyTests {
  static let epsilon = 1e-5

  /// Statistics and apply as one unit: gradients flow through the statistics.
  static func training(_ name: String, _ shape: Shape, offset: Double = 0) -> OpCase {
    OpCase(
      "training, \(name)",
      inputs: [
        .random(shape, in: offset - 1...offset + 1),
        .random([shape[3]], in: 0.5...1.5, seed: 2), .random([shape[3]], seed: 3),
      ],
      // The statistics sum over all pixels; so do the gradients of gamma and beta.
      gradientTerms: shape.count / shape[3],
      build: { graph, inputs in
        let statistics = try graph.emit(
          BatchNormStatistics(epsilon: epsilon), [inputs[0]], path: "bn")
        return try graph.emit(
          BatchNormApply(usesBatchStatistics: true),
          [inputs[0], statistics[0], statistics[2], inputs[1], inputs[2]], path: "bn")
      },
      reference: { inputs in
        let statistics = BatchNormReference.statistics(inputs[0], epsilon: epsilon)
        return [
          BatchNormReference.apply(inputs[0], statistics[0], statistics[2], inputs[1], inputs[2])
        ]
      })
  }

  /// Running statistics: mean and variance are constants.
  static func fixed(
    _ name: String, _ shape: Shape, learnsInput: Bool = true, learnsScale: Bool = true
  ) -> OpCase {
    OpCase(
      "fixed, \(name)",
      inputs: [
        .random(shape, differentiable: learnsInput),
        .random([shape[3]], in: 0.5...1.5, seed: 2, differentiable: learnsScale),
        .random([shape[3]], seed: 3, differentiable: learnsScale),
        .random([shape[3]], seed: 4, differentiable: false),
        .random([shape[3]], in: 0.2...2, seed: 5, differentiable: false),
      ],
      gradientTerms: shape.count / shape[3],
      build: { graph, inputs in
        let inverse = try graph.emit(
          InverseStandardDeviation(epsilon: epsilon), [inputs[4]], path: "bn")[0]
        return try graph.emit(
          BatchNormApply(usesBatchStatistics: false),
          [inputs[0], inputs[3], inverse, inputs[1], inputs[2]], path: "bn")
      },
      reference: { inputs in
        let inverse = Reference(
          inputs[4].shape, inputs[4].values.map { 1 / ($0 + epsilon).squareRoot() })
        return [
          BatchNormReference.apply(inputs[0], inputs[3], inverse, inputs[1], inputs[2])
        ]
      })
  }

  /// With a rectifier, and a residual where `adds`, in the same pass.
  static func rectified(
    _ name: String, _ shape: Shape, adds: Bool, fixed: Bool = false, learnsScale: Bool = true
  ) -> OpCase {
    let mean = (0..<shape[3]).map { Double(Float($0 % 7) * 0.1 - 0.3) }
    let inverse = (0..<shape[3]).map { Double(0.5 + Float($0 % 5) * 0.4) }
    @Sendable func statistics(_ x: Reference) -> [Reference] {
      guard fixed else { return BatchNormReference.statistics(x, epsilon: epsilon) }
      return [mean, mean, inverse].map { Reference([shape[3]], $0) }
    }
    @Sendable func before(_ inputs: [Reference]) -> Reference {
      let used = statistics(inputs[0])
      var y = BatchNormReference.apply(inputs[0], used[0], used[2], inputs[1], inputs[2])
      if adds { for index in y.values.indices { y.values[index] += inputs[3].values[index] } }
      return y
    }
    var inputs: [OpInput] = [
      .random(shape), .random([shape[3]], in: 0.5...1.5, seed: 2, differentiable: learnsScale),
      .random([shape[3]], seed: 3, differentiable: learnsScale),
    ]
    if adds { inputs.append(.random(shape, seed: 4)) }
    // Values close to the kink, where a difference quotient means nothing, are moved away from it.
    for _ in 0..<4 {
      let y = before(inputs.map { Reference($0.type.shape, $0.values) })
      for (index, value) in y.values.enumerated() where abs(value) < 0.02 {
        inputs[0].values[index] += Double(Float(value < 0 ? -0.05 : 0.05))
        inputs[0].values[index] = Double(Float(inputs[0].values[index]))
      }
    }
    return OpCase(
      "\(adds ? "residual and rectifier" : "rectifier"), \(fixed ? "fixed, " : "")\(name)",
      inputs: inputs, gradientTerms: shape.count / shape[3],
      build: { graph, inputs in
        let used =
          fixed
          ? [mean, mean, inverse].map { graph.constant($0.map { Float($0) }, [shape[3]]) }
          : try graph.emit(BatchNormStatistics(epsilon: epsilon), [inputs[0]], path: "bn")
        return try graph.emit(
          BatchNormApply(usesBatchStatistics: !fixed, addsResidual: adds, rectifies: true),
          [inputs[0], used[0], used[2]] + inputs[1...], path: "bn")
      },
      reference: { inputs in
        let y = before(inputs)
        return [Reference(y.shape, y.values.map { max(0, $0) })]
      })
  }

  static let rectifiedCases = [false, true].flatMap { adds in
    [false, true].flatMap { fixed in
      [
        rectified("odd sizes", [2, 3, 5, 7], adds: adds, fixed: fixed),
        rectified("several chunks", [2, 37, 41, 33], adds: adds, fixed: fixed),
        rectified(
          "only the input learns", [2, 5, 7, 20], adds: adds, fixed: fixed, learnsScale: false),
        inPlace(rectified("many channels", [2, 5, 3, 130], adds: adds, fixed: fixed)),
      ]
    }
  }

  @Test(arguments: rectifiedCases) func agreesRectified(_ testCase: OpCase) throws {
    try OpCheck(testCase).run()
  }

  static let cases: [OpCase] = [
    // Not fewer: with two values dx cancels to the share of epsilon, and nothing is left to compare.
    training("four values", [2, 1, 2, 3]), training("odd sizes", [2, 3, 5, 7]),
    training("several chunks", [2, 37, 41, 33]), training("many channels", [2, 3, 3, 1030]),
    training("far from zero", [2, 9, 11, 17], offset: 5),
    fixed("one pixel", [1, 1, 1, 5]), fixed("odd sizes", [2, 3, 5, 7]),
    fixed("several chunks", [2, 37, 41, 33]),
    fixed("input does not learn", [2, 3, 5, 20], learnsInput: false),
    inPlace(training("odd sizes", [2, 3, 5, 7])),
    inPlace(training("several chunks", [2, 37, 41, 33])),
    inPlace(fixed("odd sizes", [2, 3, 5, 7])),
    inPlace(fixed("only the input learns", [2, 37, 41, 33], learnsScale: false)),
  ]

  /// The same between operations that let it overwrite its input and, going back, the gradient.
  static func inPlace(_ testCase: OpCase) -> OpCase {
    var result = testCase
    result.name += ", in place"
    result.build = { graph, inputs in
      let x = try graph.emit(Copy(), [inputs[0]], path: "copy")
      let y = try testCase.build(graph, x + inputs.dropFirst())
      return try graph.emit(Add(), [y[0], y[0]], path: "sum")
    }
    result.reference = { inputs in
      testCase.reference(inputs).map { Reference($0.shape, $0.values.map { 2 * $0 }) }
    }
    return result
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  /// With statistics of the batch, a constant added to dy changes nothing, and dx sums to 0 over pixels.
  @Test func gradientIsCentred() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([2, 5, 7, 4]))
    let dy = graph.input("dy", TensorType([2, 5, 7, 4]))
    let gamma = graph.constant([1, 2, 3, 4], [4])
    let beta = graph.constant([0, 0, 0, 0], [4])
    let statistics = try graph.emit(BatchNormStatistics(), [x], path: "bn")
    let y = try graph.emit(
      BatchNormApply(usesBatchStatistics: true), [x, statistics[0], statistics[2], gamma, beta],
      path: "bn")[0]
    let dx = try #require(try graph.differentiate([(y, dy)], alsoFor: [x])[0])
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: [dx]), store: store, pool: ThreadPool(threads: 2))
    var rng = CounterRNG(seed: 1, stream: 1)
    for name in ["x", "dy"] {
      let values = executor.input(name)
      for index in values.indices { values[index] = Float(rng.uniform(-1, 1)) + 3 }
    }
    executor.run(StepContext())
    let gradient = executor.contents(of: dx)
    for channel in 0..<4 {
      let sum = stride(from: channel, to: gradient.count, by: 4).reduce(0.0) {
        $0 + Double(gradient[$1])
      }
      #expect(abs(sum) < 1e-4)
    }
  }

  @Test(arguments: [
    (
      [[2, 3, 3, 4], [4], [4], [4], [5]],
      "bn: batch_norm_apply: beta is float32[4] for 4 channels, found float32[5]"
    ),
    (
      [[2, 3, 3, 4], [1], [4], [4], [4]],
      "bn: batch_norm_apply: mean is float32[4] for 4 channels, found float32[1]"
    ),
    (
      [[2, 4], [4], [4], [4], [4]],
      "bn: batch_norm_apply: the input is float32 [N, H, W, C], found float32[2, 4]"
    ),
    (
      [[2, 3, 3, 4], [4]],
      "bn: batch_norm_apply: takes x, mean, inverse std, gamma and beta, found 2 inputs"
    ),
  ]) func tellsWhatIsWrong(_ shapes: [[Int]], _ expected: String) {
    let message = OpCheck.message(shapes.map { TensorType(Shape($0)) }) { graph, inputs in
      try graph.emit(BatchNormApply(usesBatchStatistics: true), inputs, path: "bn")
    }
    #expect(message == expected)
  }
}
