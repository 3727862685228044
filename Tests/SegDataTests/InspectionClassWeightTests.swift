import SegCore
import SegData
import Testing

@Suite struct InspectionClassWeightTests {
  static let rules: [ClassWeightRule] = [
    .inverse, .inverseMean1, .median, .effective(beta: 0.9999), .effective(beta: 0),
    .effective(beta: 0.5), .effective(beta: nil),
  ]

  struct Case: Sendable {
    let rule: ClassWeightRule
    let counts: [Int]
    let expected: [Double]

    init(_ rule: ClassWeightRule, _ counts: [Int], _ expected: [Double]) {
      self.rule = rule
      self.counts = counts
      self.expected = expected
    }
  }

  static let published: [Case] = [
    Case(
      .effective(beta: 0.9999), [5000, 100, 1], [7.5464320704e-4, 2.9841273770e-2, 2.9694040830]),
    // beta = (N - 1) / N with N the sum of the counts.
    Case(
      .effective(beta: 5100.0 / 5101), [5000, 100, 1],
      [9.3159423789e-4, 2.9979955128e-2, 2.9690884506]),
    Case(
      .effective(beta: nil), [5000, 100, 1],
      [9.3159423789e-4, 2.9979955128e-2, 2.9690884506]),
    Case(
      .effective(beta: nil), [2000, 0, 500], [0.6538151153, 0.3600840601, 1.9861008246]),
    Case(.median, [5000, 100, 1], [0.02, 1, 100]),
    Case(.median, [2000, 0, 500], [0.25, 0, 1]),
    Case(.median, [4, 1, 3, 2], [0.625, 2.5, 0.8333333333333334, 1.25]),
    // Frequencies 0.7, 0.2, 0.1: 1/f = 10/7, 5, 10, their mean 115/21.
    Case(.inverse, [70, 20, 10], [1.4285714285714286, 5, 10]),
    Case(
      .inverseMean1, [70, 20, 10], [0.2608695652173913, 0.9130434782608695, 1.826086956521739]),
    Case(.effective(beta: 0), [9, 1, 5], [1, 1, 1]),
  ]

  @Test(arguments: published)
  func agreesWithPublishedNumbers(_ known: Case) throws {
    let weights = try known.rule.weights(counts: known.counts)
    for (weight, value) in zip(weights, known.expected) {
      // The published numbers have eleven digits.
      #expect(abs(weight - value) <= 1e-10 * max(value, 0.1), "\(weights)")
    }
    #expect(weights.count == known.expected.count)
  }

  @Test func absentClassesGetZeroAndNothingElse() throws {
    let cases = [
      [0, 5, 0, 0, 7], [0, 0, 0], [1], [0], [], [0, 1 << 50, 1], [0, 3, 3, 0, 0, 1 << 40],
    ]
    for rule in Self.rules {
      for counts in cases {
        let weights = try rule.weights(counts: counts)
        #expect(weights.count == counts.count)
        for (weight, count) in zip(weights, counts) {
          let isPositive = count > 0 || rule.countsAbsentClasses
          #expect(
            weight.isFinite && isPositive == (weight > 0), "\(rule) of \(counts): \(weights)")
        }
      }
    }
  }

  @Test func aClassWithoutPixelsChangesNoOther() throws {
    for rule in Self.rules where rule != .median && !rule.countsAbsentClasses {
      let without = try rule.weights(counts: [900, 90, 9])
      #expect(
        try rule.weights(counts: [900, 0, 90, 9]) == [without[0], 0, without[1], without[2]])
    }
  }

  /// For a class without pixels 1 - betaⁿ is taken as 1.
  @Test func absentClassesOfTheEffectiveNumber() throws {
    let weights = try ClassWeightRule.effective(beta: 0.5).weights(counts: [1, 0, 2])
    // Before scaling: 0.5 / 0.5, 0.5 / 1, 0.5 / 0.75.
    let expected = [1, 0.5, 2.0 / 3].map { $0 * 3 / (1 + 0.5 + 2.0 / 3) }
    for (weight, value) in zip(weights, expected) { #expect(abs(weight - value) < 1e-15) }
  }

  @Test func normalisedRulesHaveMeanOne() throws {
    var random = CounterRNG(seed: 4, stream: 1)
    for _ in 0..<50 {
      let counts = (0..<7).map { _ in random.integer(in: 1..<(1 << random.integer(in: 1..<40))) }
      for rule in [ClassWeightRule.inverseMean1, .effective(beta: 0.999)] {
        let weights = try rule.weights(counts: counts)
        #expect(abs(weights.reduce(0, +) - 7) < 1e-9)
        for (a, b) in zip(counts.indices, counts.indices.dropFirst()) where counts[a] <= counts[b] {
          #expect(weights[a] >= weights[b], "a rarer class weighs no less")
        }
      }
    }
  }

  /// For few pixels and beta close to 1 a class counts as often as it occurs: weights go as 1 / n.
  @Test func betaNextToOneKeepsItsDigits() throws {
    let weights = try ClassWeightRule.effective(beta: 1 - 1e-15).weights(counts: [3, 1])
    #expect(abs(weights[1] / weights[0] - 3) < 1e-12)
  }

  @Test(arguments: [1.0, -0.1, 1.5, .nan, .infinity])
  func badBeta(beta: Double) {
    let error = #expect(throws: Failure.self) {
      _ = try ClassWeightRule.effective(beta: beta).weights(counts: [1, 2])
    }
    #expect(error?.problem == "expected 0 <= beta < 1, found \(beta)")
    #expect(error?.status == .badConfig)
  }
}

extension ClassWeightRule {
  /// Whether a class without pixels has a weight.
  fileprivate var countsAbsentClasses: Bool { if case .effective = self { true } else { false } }
}
