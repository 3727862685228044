import SegCore
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
}
