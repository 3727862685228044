import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct LovaszJaccardTests {
  struct Setting: Sendable {
    var perImage = false
    var allClasses = false
    var ignoreIndex = 255

    var op: LovaszJaccard {
      LovaszJaccard(ignoreIndex: ignoreIndex, perImage: perImage, allClasses: allClasses)
    }
  }

  /// The largest first, equal ones in the order of pixels.
  struct PixelError: Comparable {
    var error: Double
    var isOwn: Bool
    var pixel: Int

    static func < (a: PixelError, b: PixelError) -> Bool {
      a.error == b.error ? a.pixel < b.pixel : a.error > b.error
    }
  }

  /// The loss and its derivatives by the probabilities `[R, C, pixels]`, naively in Double.
  static func reference(_ inputs: [Reference], _ setting: Setting) -> [Reference] {
    let (logits, labels) = (inputs[0], inputs[1])
    let classes = logits.shape[3]
    let regions = setting.perImage ? logits.shape[0] : 1
    let pixels = labels.values.count / regions
    let p = probabilities(logits)
    var slopes = Reference(zeros: [regions, classes, pixels])
    var total = 0.0
    for region in 0..<regions {
      let valid = (region * pixels..<(region + 1) * pixels).filter { pixel in
        Int(labels.values[pixel]) != setting.ignoreIndex && Int(labels.values[pixel]) < classes
      }
      let present = Set(valid.map { Int(labels.values[$0]) })
      let counted = (0..<classes).filter { setting.allClasses || present.contains($0) }
      guard !valid.isEmpty else { continue }
      let scale = 1 / Double(counted.count * regions)
      for index in counted {
        let errors = valid.map { pixel -> PixelError in
          let isOwn = Int(labels.values[pixel]) == index
          let error = isOwn ? 1 - p[pixel][index] : p[pixel][index]
          return PixelError(error: error, isOwn: isOwn, pixel: pixel)
        }.sorted()
        let own = Double(errors.filter { $0.isOwn }.count)
        var (missed, wrong, before) = (0.0, 0.0, 0.0)
        for entry in errors {
          if entry.isOwn { missed += 1 } else { wrong += 1 }
          let jaccard = 1 - (own - missed) / (own + wrong)
          total += scale * entry.error * (jaccard - before)
          slopes[region, index, entry.pixel - region * pixels] =
            scale * (entry.isOwn ? before - jaccard : jaccard - before)
          before = jaccard
        }
      }
    }
    return [Reference([1], [total]), slopes]
  }

  /// By pixel.
  static func probabilities(_ logits: Reference) -> [[Double]] {
    let classes = logits.shape[3]
    return (0..<logits.values.count / classes).map { pixel in
      let z = logits.values[pixel * classes..<(pixel + 1) * classes]
      let largest = z.max() ?? 0
      let exponentials = z.map { exponential($0 - largest) }
      let sum = exponentials.reduce(0, +)
      return exponentials.map { $0 / sum }
    }
  }

  /// Derivatives by the logits, from those by the probabilities.
  static func gradient(
    _ inputs: [Reference], _ upstream: Double, _ setting: Setting
  ) -> Reference {
    let (logits, slopes) = (inputs[0], reference(inputs, setting)[1])
    let (classes, pixels) = (logits.shape[3], slopes.shape[2])
    var result = Reference(zeros: logits.shape)
    for (pixel, p) in probabilities(logits).enumerated() {
      let g = (0..<classes).map { slopes[pixel / pixels, $0, pixel % pixels] }
      let mean = zip(p, g).map { $0 * $1 }.reduce(0, +)
      for index in 0..<classes {
        result.values[pixel * classes + index] = upstream * p[index] * (g[index] - mean)
      }
    }
    return result
  }

  static func testCase(
    _ name: String, _ shape: Shape, range: ClosedRange<Double> = -4...4,
    ignoring share: Double = 0.2, labelled: Int? = nil, comparesSlopes: Bool = true,
    _ setting: Setting
  ) -> OpCase {
    var testCase = OpCase(
      "\(name), \(setting)",
      inputs: [
        .random(shape, in: range),
        .labels(
          [shape[0], shape[1], shape[2]], classes: labelled ?? shape[3], ignoring: share,
          ignoreIndex: setting.ignoreIndex),
      ],
      summedTerms: 16, gradientTerms: 16, differentiableOutputs: comparesSlopes ? [0] : [],
      build: { graph, inputs in
        let outputs = try graph.emit(setting.op, inputs, path: "loss")
        return comparesSlopes ? outputs : [outputs[0]]
      },
      reference: { inputs in
        let outputs = reference(inputs, setting)
        return comparesSlopes ? outputs : [outputs[0]]
      })
    testCase.referenceGradient = { inputs, upstream in
      [gradient(inputs, upstream[0].values[0], setting), nil]
    }
    return testCase
  }

  static let settings = [
    Setting(), Setting(perImage: true), Setting(allClasses: true),
    Setting(perImage: true, allClasses: true),
  ]

  static let cases: [OpCase] =
    settings.flatMap { setting in
      [
        testCase("odd sizes", [3, 5, 7, 11], setting),
        testCase("most classes absent", [2, 5, 7, 19], labelled: 3, setting),
        testCase("most pixels ignored", [3, 3, 5, 4], ignoring: 0.9, setting),
        // Among so many errors some are so near to another that single precision orders them otherwise, which
        // changes slopes and hardly the loss.
        testCase("several chunks", [2, 45, 47, 5], comparesSlopes: false, setting),
      ]
    } + [
      testCase("one pixel", [1, 1, 1, 2], ignoring: 0, Setting()),
      testCase("16 classes, whole blocks", [1, 4, 8, 16], Setting()),
      testCase("256 classes", [1, 3, 7, 256], ignoring: 0, Setting(ignoreIndex: -1)),
      testCase("a class is ignored", [2, 5, 7, 5], Setting(ignoreIndex: 0)),
      testCase("labels that are no class", [2, 5, 7, 5], labelled: 9, Setting(perImage: true)),
      PixelCrossEntropyTests.inPlace(
        testCase("odd sizes", [2, 5, 7, 11], comparesSlopes: true, Setting())),
    ]

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func referenceIsRight() {
    OpCheck(Self.testCase("few pixels", [2, 2, 3, 4], Setting())).checkReference()
  }

  /// Loss, slopes and gradient of one step.
  private func run(
    _ shape: Shape, logits: (Int) -> Float, labels: (Int) -> UInt8,
    variant: VectorVariant = .current, threads: Int = 2, _ setting: Setting = Setting()
  ) throws -> [[Float]] {
    let graph = Graph()
    let z = graph.input("logits", TensorType(shape))
    let y = graph.input("labels", TensorType(Shape(Array(shape.dims[..<3])), .uint8))
    let outputs = try graph.emit(setting.op, [z, y], path: "loss")
    let one = graph.constant([1], [1])
    let gradient = try #require(try graph.differentiate([(outputs[0], one)], alsoFor: [z])[0])
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: outputs + [gradient]), store: store,
      pool: ThreadPool(threads: threads, variant: variant))
    let input = executor.input("logits")
    for index in input.indices { input[index] = logits(index) }
    let target = executor.input("labels", as: UInt8.self)
    for index in target.indices { target[index] = labels(index) }
    executor.poison(byte: 0xFF)
    executor.run(StepContext())
    return (outputs + [gradient]).map { Array(executor.contents(of: $0)) }
  }

  /// Two classes, p = ½ everywhere: equal errors are taken in the order of pixels.
  @Test func equalErrorsKeepTheOrderOfPixels() throws {
    let result = try run([1, 1, 4, 2], logits: { _ in 1 }, labels: { [0, 1, 1, 0][$0] })
    // Class 0: own, other, other, own: grows by 1/2, 1/(2·3), 1/(3·4), 1/4. Class 1: other, own, own, other.
    let expected: [Float] = [
      -1.0 / 4, 1.0 / 12, 1.0 / 24, -1.0 / 8, 1.0 / 6, -1.0 / 6, -1.0 / 6, 0,
    ]
    #expect(result[0] == [0.5])
    for (found, slope) in zip(result[1], expected) { #expect(abs(found - slope) < 1e-7) }
  }

  @Test func everyVariantGivesTheSameBits() throws {
    let logits = OpRun.floats(2 * 45 * 47 * 5, in: -6...6)
    var rng = CounterRNG(seed: 4, stream: 0)
    let labels = (0..<2 * 45 * 47).map { _ in UInt8(rng.integer(in: 0..<6)) }
    for setting in Self.settings {
      let results = try VectorVariant.supported.map { variant in
        try run(
          [2, 45, 47, 5], logits: { logits[$0] }, labels: { labels[$0] }, variant: variant,
          threads: 3, setting)
      }
      for result in results.dropFirst() {
        let isEqual = result == results[0]
        #expect(isEqual, "\(setting)")
      }
    }
  }

  @Test func divergenceShows() throws {
    let result = try run([1, 4, 8, 3], logits: { $0 == 40 ? .nan : 0 }, labels: { _ in 1 })
    #expect(result[0][0].isNaN)
    #expect(result[2][39..<42].allSatisfy { $0.isNaN })
    #expect(!result[2][42].isNaN)
  }

  @Test(arguments: settings) func ignoredPixelsMayHoldAnything(_ setting: Setting) throws {
    let result = try run(
      [2, 3, 7, 5], logits: { [.nan, .infinity, -.infinity, 1, 2][$0 % 5] }, labels: { _ in 255 },
      setting)
    for values in result { #expect(values.allSatisfy { $0 == 0 }) }
  }

  @Test func wantsLabelsOfThePixels() {
    let types = [TensorType([2, 3, 4, 5]), TensorType([2, 3], .uint8)]
    let message = OpCheck.message(types) { try $0.emit(Setting().op, $1, path: "loss") }
    #expect(
      message
        == "loss: lovasz_jaccard: labels are uint8[2, 3, 4] for logits [2, 3, 4, 5], found uint8[2, 3]"
    )
  }
}
