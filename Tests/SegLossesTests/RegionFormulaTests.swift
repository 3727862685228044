import SegEngine
import SegLosses
import Testing

/// The formulas behind overlap losses, on sums in Double.
@Suite struct RegionFormulaTests {
  struct Case: Sendable, CustomTestStringConvertible {
    /// The entry of `lossCases` that defines it.
    var testDescription: String
    var formula: any RegionFormula
    var perImage: Bool

    init(_ name: String, _ formula: any RegionFormula, perImage: Bool) {
      (testDescription, self.formula, self.perImage) = (name, formula, perImage)
    }
  }

  static let cases: [Case] =
    [
      Case("dice", Dice().formula(), perImage: false),
      Case("dice, weighted", Dice().formula(classWeights: [0.5, 1, 1.5]), perImage: false),
      Case(
        "dice, not squared, without smoothing", Dice(smoothing: 0, squared: false).formula(),
        perImage: false),
      Case("dice scheduling_code", Dice(variant: .schedulingCode).formula(), perImage: true),
      Case(
        "dice scheduling_code, weighted",
        Dice(variant: .schedulingCode).formula(classWeights: [0.5, 1, 1.5]), perImage: true),
      Case("soft_iou", SoftIoU().formula, perImage: false),
      Case("soft_iou recall_code", SoftIoU(variant: .recallCode).formula, perImage: true),
      Case("tversky", Tversky().formula, perImage: false),
      Case("tversky per_image", Tversky(reduction: .perImage).formula, perImage: true),
    ]
    + GeneralizedDice.Weighting.allCases.map {
      Case(
        "generalized_dice \($0)", GeneralizedDice(weighting: $0).formula, perImage: true)
    }

  static func evaluate(
    _ formula: any RegionFormula, _ sums: [ClassSums]
  ) -> (loss: Double, slopes: [ClassSums]) {
    var slopes = [ClassSums](repeating: ClassSums(), count: sums.count)
    let loss = sums.withUnsafeBufferPointer { sums in
      slopes.withUnsafeMutableBufferPointer { formula.loss(of: sums, slopes: $0) }
    }
    return (loss, slopes)
  }

  @Test(arguments: cases) func followsTheDefinition(_ testCase: Case) throws {
    let definition = try #require(lossCases.first { $0.name == testCase.testDescription })
    // Where ignored pixels take part, they would have to be in the sums.
    let fixtures = [LossFixture.labelsA] + (definition.readsIgnored ? [] : [LossFixture.labelsB])
    for labels in fixtures {
      let sample = LossSample.fixture(labels)
      let regions = testCase.perImage ? sample.perImage : [sample.valid]
      let losses = regions.map { Self.evaluate(testCase.formula, sample.sums($0)).loss }
      let found = losses.reduce(0, +) / Double(losses.count)
      #expect(abs(found - definition.definition(sample, sample)) <= 1e-14)
    }
  }

  @Test(arguments: cases) func slopesAreDifferences(_ testCase: Case) {
    let members: [WritableKeyPath<ClassSums, Double>] = [\.overlap, \.probability, \.square]
    let sample = LossSample.random(classes: 3)
    let sums = sample.sums(sample.valid)
    let slopes = Self.evaluate(testCase.formula, sums).slopes
    for index in sums.indices {
      for (number, member) in members.enumerated() {
        func loss(_ step: Double) -> Double {
          var moved = sums
          moved[index][keyPath: member] += step
          return Self.evaluate(testCase.formula, moved).loss
        }
        let h = 1e-2
        let difference = (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h)
        #expect(
          abs(difference - slopes[index][keyPath: member]) <= 1e-10,
          "sum \(number) of class \(index)")
      }
    }
  }

  /// Nothing to divide by, and still numbers.
  @Test(arguments: cases) func nothingIsFinite(_ testCase: Case) {
    for truth in [0.0, 1] {
      let sums = [ClassSums](repeating: ClassSums(truth: truth), count: 3)
      let (loss, slopes) = Self.evaluate(testCase.formula, sums)
      #expect(loss.isFinite)
      for slope in slopes {
        #expect((slope.overlap + slope.probability + slope.square).isFinite)
      }
    }
  }
}
