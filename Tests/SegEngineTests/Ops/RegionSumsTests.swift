import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct RegionSumsTests {
  /// Sums `[R, C, 4]`, naively in Double.
  static func reference(_ inputs: [Reference], _ regions: PixelRegions) -> Reference {
    let (logits, labels) = (inputs[0], inputs[1])
    let (images, classes) = (logits.shape[0], logits.shape[3])
    let count = regions.perImage ? images : 1
    let pixels = labels.values.count / count
    var sums = Reference(zeros: [count, classes, 4])
    for (pixel, value) in labels.values.enumerated() {
      let label = Int(value)
      let isValid = label != regions.ignoreIndex && label < classes
      guard isValid || regions.sumsIgnored else { continue }
      let z = logits.values[pixel * classes..<(pixel + 1) * classes]
      let largest = z.max() ?? 0
      let exponentials = z.map { exponential($0 - largest) }
      let sum = exponentials.reduce(0, +)
      for (index, e) in exponentials.enumerated() {
        let (p, region) = (e / sum, pixel / pixels)
        sums[region, index, 1] += p
        sums[region, index, 2] += p * p
        if isValid && index == label {
          sums[region, index, 0] += p
          sums[region, index, 3] += 1
        }
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
    return OpCase(
      "\(name), \(perImage ? "per image" : "batch")\(sumsIgnored ? ", with ignored pixels" : "")",
      inputs: [
        .random(shape, in: range),
        .labels(
          [shape[0], shape[1], shape[2]], classes: labelled ?? shape[3], ignoring: share,
          ignoreIndex: ignoreIndex),
      ],
      // Sums come last, since gradients are those of output 0.
      summedTerms: 16, gradientTerms: shape[3],
      build: { graph, inputs in
        let sums = try graph.emit(RegionSums(regions), inputs, path: "loss")
        return try graph.emit(RegionLoss(formula), sums, path: "loss").prefix(1) + sums
      },
      reference: { inputs in
        let sums = reference(inputs, regions)
        let count = sums.shape[0] * sums.shape[1]
        let classes = (0..<count).map { index in
          let s = Array(sums.values[4 * index..<4 * index + 4])
          return ClassSums(overlap: s[0], probability: s[1], square: s[2], truth: s[3])
        }
        var slopes = classes
        let losses = (0..<sums.shape[0]).map { region in
          let range = region * sums.shape[1]..<(region + 1) * sums.shape[1]
          return classes.withUnsafeBufferPointer { classes in
            slopes.withUnsafeMutableBufferPointer { slopes in
              formula.loss(
                of: .init(rebasing: classes[range]), slopes: .init(rebasing: slopes[range]))
            }
          }
        }
        return [Reference([1], [losses.reduce(0, +) / Double(losses.count)]), sums]
      })
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
