import SegCore
import SegEngine
import SegNN
import Testing

@Suite struct InitializerTests {
  static let shape: Shape = [64, 32, 3, 3]

  @Test func kaimingNormalHasItsDeviation() {
    let values = Initializer.kaimingNormalFanOut.values(Self.shape, seed: 1, name: "w").map(
      Double.init)
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let deviation = (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / count).squareRoot()
    let expected = (2.0 / (64 * 9)).squareRoot()
    // 18 432 draws: the mean strays by 0.7 %, the deviation by 0.5 % of `expected`; five times that.
    #expect(abs(mean) < 0.04 * expected)
    #expect(abs(deviation - expected) < 0.03 * expected)
    #expect(values.map { abs($0) }.max() ?? 0 > 3 * expected)
  }

  @Test func uniformFillsItsRange() {
    let values = Initializer.uniform(fanIn: 288).values(Self.shape, seed: 1, name: "w").map(
      Double.init)
    let bound = 1 / 288.0.squareRoot()
    #expect(values.allSatisfy { abs($0) <= bound })
    #expect(values.max() ?? 0 > 0.99 * bound && values.min() ?? 0 < -0.99 * bound)
    #expect(abs(values.reduce(0, +) / Double(values.count)) < 0.03 * bound)
  }

  @Test func dependsOnSeedAndNameAlone() {
    let rule = Initializer.kaimingNormalFanOut
    let values = rule.values(Self.shape, seed: 1, name: "a")
    #expect(values == rule.values(Self.shape, seed: 1, name: "a"))
    #expect(values != rule.values(Self.shape, seed: 2, name: "a"))
    #expect(values != rule.values(Self.shape, seed: 1, name: "b"))
  }

  /// Threads draw parts of a tensor; together they are the whole, laid out as a loader would.
  @Test(arguments: [1, 2, 3, 5]) func partsMakeTheWhole(_ threads: Int) throws {
    let rules: [Initializer] = [.kaimingNormalFanOut, .uniform(fanIn: 288), .constant(3)]
    for rule in rules {
      let declarations = Declarations()
      let scope = Scope(declarations)
      let weight = scope.parameter("w", [37, 5, 3, 3], layout: .convolution, rule)
      let bias = scope.parameter("b", [37], .uniform(fanIn: 9))
      try declarations.store.reserve(gradients: false)
      declarations.initialize(seed: 1, pool: ThreadPool(threads: threads))
      #expect(
        declarations.store.values(of: weight)
          == rule.values(weight.filedShape, seed: 1, name: "w"))
      #expect(
        declarations.store.values(of: bias)
          == Initializer.uniform(fanIn: 9).values([37], seed: 1, name: "b"))
    }
  }
}
