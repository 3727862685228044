import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct RegionSumsTests {
  /// Of each pixel that takes part: probabilities, the class (`nil`: none), the region.
  static func softmax(
    _ inputs: [Reference], _ regions: PixelRegions
  ) -> [(p: [Double], label: Int?, region: Int)?] {
    let (logits, labels) = (inputs[0], inputs[1])
    let classes = logits.shape[3]
    let perRegion = labels.values.count / (regions.perImage ? logits.shape[0] : 1)
    return labels.values.enumerated().map { pixel, value in
      let isValid = Int(value) != regions.ignoreIndex && Int(value) < classes
      guard isValid || regions.sumsIgnored else { return nil }
      let z = logits.values[pixel * classes..<(pixel + 1) * classes]
      let largest = z.max() ?? 0
      let exponentials = z.map { exponential($0 - largest) }
      let sum = exponentials.reduce(0, +)
      return (exponentials.map { $0 / sum }, isValid ? Int(value) : nil, pixel / perRegion)
    }
  }

  /// By region and class, naively in Double.
  static func sums(_ inputs: [Reference], _ regions: PixelRegions) -> [[ClassSums]] {
    let shape = inputs[0].shape
    var sums = [[ClassSums]](
      repeating: [ClassSums](repeating: ClassSums(), count: shape[3]),
      count: regions.perImage ? shape[0] : 1)
    for case (let p, let label, let region)? in softmax(inputs, regions) {
      for (index, p) in p.enumerated() {
        sums[region][index].probability += p
        sums[region][index].square += p * p
      }
      if let label {
        sums[region][label].overlap += p[label]
        sums[region][label].truth += 1
      }
    }
    return sums
  }

  /// Every sum takes part, each class and region in its own way.
  struct Formula: RegionFormula {
    var pixels: Double

    func loss(
      of classes: UnsafeBufferPointer<ClassSums>, slopes: UnsafeMutableBufferPointer<ClassSums>
    ) -> Double {
      var loss = 0.0
      for (index, sums) in classes.enumerated() {
        let factor = (1 + Double(index) / Double(classes.count)) / pixels
        let probability = sums.probability / pixels
        loss += factor * (0.5 * sums.square - 2 * sums.overlap) + probability * probability
        slopes[index].overlap = -2 * factor
        slopes[index].probability = 2 * probability / pixels
        slopes[index].square = 0.5 * factor
      }
      return loss
    }

    func evaluate(_ sums: [ClassSums]) -> (loss: Double, slopes: [ClassSums]) {
      var slopes = [ClassSums](repeating: ClassSums(), count: sums.count)
      let loss = sums.withUnsafeBufferPointer { sums in
        slopes.withUnsafeMutableBufferPointer { self.loss(of: sums, slopes: $0) }
      }
      return (loss, slopes)
    }
  }

  static func testCase(
    _ name: String, _ shape: Shape, range: ClosedRange<Double> = -4...4,
    ignoring share: Double = 0.2, ignoreIndex: Int = 255, labelled: Int? = nil, perImage: Bool,
    sumsIgnored: Bool = false
  ) -> OpCase {
    let regions = PixelRegions(
      ignoreIndex: ignoreIndex, perImage: perImage, sumsIgnored: sumsIgnored)
    let pixels = shape.count / shape[3]
    let formula = Formula(pixels: Double(pixels))
    var testCase = OpCase(
      "\(name), \(perImage ? "per image" : "batch")\(sumsIgnored ? ", with ignored pixels" : "")",
      inputs: [
        .random(shape, in: range),
        .labels(
          [shape[0], shape[1], shape[2]], classes: labelled ?? shape[3], ignoring: share,
          ignoreIndex: ignoreIndex),
      ],
      summedTerms: 16, gradientTerms: shape[3],
      build: { graph, inputs in
        let sums = try graph.emit(RegionSums(regions), inputs, path: "loss")
        return try graph.emit(RegionLoss(formula), sums, path: "loss").prefix(1) + sums
      },
      reference: { inputs in
        let sums = sums(inputs, regions)
        let losses = sums.map { formula.evaluate($0).loss }
        let flat = sums.flatMap { $0 }.flatMap {
          [$0.overlap, $0.probability, $0.square, $0.truth]
        }
        return [
          Reference([1], [losses.reduce(0, +) / Double(losses.count)]),
          Reference([sums.count, shape[3], 4], flat),
        ]
      })
    // The upstream gradients of two uses of a scalar are 0.52 and -0.62: each use rounds by its own size (up to 5 times
    // 2^-24 of the largest), and their sum is a seventh of that.
    testCase.leastTolerance = 4e-6
    testCase.referenceGradient = { inputs, upstream in
      let slopes = sums(inputs, regions).map { formula.evaluate($0).slopes }
      let factor = upstream[0].values[0] / Double(slopes.count)
      let gradient = softmax(inputs, regions).flatMap { pixel -> [Double] in
        guard let (p, label, region) = pixel else { return [Double](repeating: 0, count: shape[3]) }
        let byProbability = slopes[region].enumerated().map { index, slope in
          slope.probability + 2 * slope.square * p[index] + (index == label ? slope.overlap : 0)
        }
        let mean = zip(p, byProbability).map { $0 * $1 }.reduce(0, +)
        return zip(p, byProbability).map { factor * $0 * ($1 - mean) }
      }
      return [Reference(shape, gradient), nil]
    }
    return testCase
  }

  static let cases: [OpCase] =
    [false, true].flatMap { perImage in
      [
        testCase("odd sizes", [3, 5, 7, 11], perImage: perImage),
        testCase("19 classes, several chunks", [2, 45, 47, 19], perImage: perImage),
        testCase("ignored", [2, 5, 7, 5], perImage: perImage, sumsIgnored: true),
        testCase("labels that are no class", [2, 5, 7, 5], labelled: 9, perImage: perImage),
      ]
    } + [
      testCase("one pixel", [1, 1, 1, 2], ignoring: 0, perImage: false),
      testCase("16 classes, whole blocks", [1, 4, 8, 16], perImage: false),
      testCase("256 classes", [1, 3, 7, 256], ignoring: 0, ignoreIndex: -1, perImage: true),
      testCase("a class is ignored", [2, 5, 7, 5], ignoreIndex: 0, perImage: false),
      testCase("large logits", [1, 5, 7, 6], range: -60...60, perImage: false),
      PixelCrossEntropyTests.inPlace(testCase("odd sizes", [2, 5, 7, 11], perImage: false)),
    ]

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func referenceIsRight() {
    OpCheck(Self.testCase("few pixels", [2, 2, 3, 4], perImage: true, sumsIgnored: true))
      .checkReference()
  }

  @Test func tellsWhatIsWrong() {
    let regions = PixelRegions(ignoreIndex: 255, perImage: true)
    let sums = OpCheck.message([TensorType([2, 3, 4, 5]), TensorType([2, 3], .uint8)]) {
      try $0.emit(RegionSums(regions), $1, path: "loss")
    }
    #expect(
      sums
        == "loss: region_sums: labels are uint8[2, 3, 4] for logits [2, 3, 4, 5], found uint8[2, 3]"
    )
    let loss = OpCheck.message([TensorType([2, 5, 4])]) {
      try $0.emit(RegionLoss(Formula(pixels: 1)), $1, path: "loss")
    }
    #expect(
      loss
        == "loss: region_loss: takes sums, float64 [regions, classes, 4], found [float32[2, 5, 4]]")
  }
}
