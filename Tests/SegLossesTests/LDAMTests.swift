import SegCore
import SegEngine
import SegLosses
import Testing

@Suite struct LDAMTests {
  static let counts = [100, 10, 1]

  static func context(_ weights: [Float]? = nil) -> LossContext {
    LossContext(classes: 3, ignoreIndex: 255, classWeights: weights, classCounts: counts)
  }

  /// Float64 re-computation of the published code.
  @Test(arguments: [(30.0, 29.4781291860), (1, 1.3238957778)])
  func agrees(_ scale: Double, _ expected: Double) throws {
    let result = try LossFixture.evaluate(
      LDAM(scale: scale), Self.context(), labels: LossFixture.labelsA)
    #expect(abs(result.value - expected) < 1e-6 * expected)
  }

  @Test func margins() {
    let margins = LDAM().margins(counts: Self.counts, classes: 3)
    for (margin, expected) in zip(margins, [0.158113883, 0.2811706626, 0.5]) {
      #expect(abs(margin - expected) < 1e-9)
    }
    // A class without pixels has none, and what was not counted has the largest.
    #expect(LDAM(largestMargin: 0.3).margins(counts: [0, 16, 0], classes: 3) == [0, 0.3, 0])
    #expect(LDAM().margins(counts: [0, 0], classes: 2) == [0.5, 0.5])
    #expect(LDAM().margins(counts: nil, classes: 2) == [0.5, 0.5])
  }

  /// Weights count from iteration `drw_start` · T on, which need not be a whole number.
  @Test func weightsAreDeferred() throws {
    let weights: [Float] = [0.5, 1, 1.5]
    let (plain, weighted) = (
      try LossFixture.evaluate(LDAM(), Self.context(), labels: LossFixture.labelsB),
      try LossFixture.evaluate(LDAM(), Self.context(weights), labels: LossFixture.labelsB)
    )
    #expect(abs(plain.value - weighted.value) > 0.1)
    let late = LDAM(deferredStart: 0.75)
    for (iteration, expected) in [(0, plain), (7, plain), (8, weighted), (9, weighted)] {
      let result = try LossFixture.evaluate(
        late, Self.context(weights), labels: LossFixture.labelsB,
        at: TrainingTime(iteration: iteration, of: 10))
      #expect(abs(result.value - expected.value) <= 1e-7 * expected.value)
      for (found, wanted) in zip(result.gradient.joined(), expected.gradient.joined()) {
        #expect(abs(found - wanted) < 1e-6)
      }
    }
  }

  @Test func deferredWeightsAreOfTheEffectiveNumber() {
    #expect(LDAM().defaultClassWeights == nil)
    #expect(LDAM(deferredStart: 0.8).defaultClassWeights == .effective(beta: 0.9999))
    let term = LossTermConfig(LDAM(deferredStart: 0.8), classWeights: .median)
    #expect(term.weighting == .median)
  }
}
