import SegOptim
import Testing

@Suite struct LearningRateScheduleTests {
  /// `(1 - k / 100)^0.9`, computed in double by NumPy.
  @Test(arguments: [
    (0, 1), (15, 0.8639269723), (30, 0.7254178469), (45, 0.5838837929), (50, 0.5358867313),
    (60, 0.4383832906), (70, 0.3383834619), (80, 0.2349237886), (90, 0.1258925412), (100, 0),
    (101, 0),
  ]) func poly(_ iteration: Int, _ expected: Double) {
    let rate = Poly(power: 0.9).learningRate(base: 1, iteration: iteration, total: 100)
    #expect(abs(rate - expected) < 1e-10)
  }

  @Test func polyEndsAtItsEnd() {
    let poly = Poly(power: 1, endLR: 0.01)
    #expect(poly.learningRate(base: 0.03, iteration: 0, total: 10) == 0.03)
    #expect(abs(poly.learningRate(base: 0.03, iteration: 5, total: 10) - 0.02) < 1e-15)
    #expect(poly.learningRate(base: 0.03, iteration: 10, total: 10) == 0.01)
    #expect(Poly().learningRate(base: 0.03, iteration: 0, total: 0) == 0)
  }

  @Test func linearAndCosineEndAtTheirEnd() {
    for (iteration, line, wave) in [
      (0, 0.03, 0.03), (5, 0.02, 0.02), (10, 0.01, 0.01), (11, 0.01, 0.01),
    ] {
      let linear = Linear(endLR: 0.01).learningRate(base: 0.03, iteration: iteration, total: 10)
      let cosine = Cosine(endLR: 0.01).learningRate(base: 0.03, iteration: iteration, total: 10)
      #expect(abs(linear - line) < 1e-15)
      #expect(abs(cosine - wave) < 1e-15)
    }
    #expect(abs(Cosine().learningRate(base: 1, iteration: 25, total: 100) - 0.8535533906) < 1e-10)
    #expect(Linear().learningRate(base: 1, iteration: 0, total: 0) == 0)
    #expect(Cosine().learningRate(base: 1, iteration: 0, total: 0) == 0)
  }

  @Test func stepDropsInItsIterations() {
    let every = (0..<7).map {
      Step(.every(3), factor: 0.5).learningRate(base: 8, iteration: $0, total: 7)
    }
    #expect(every == [8, 8, 8, 4, 4, 4, 2])
    // In any order; `MultiStepLR` drops before the iteration of the milestone.
    let at = (0..<7).map {
      Step(.at([5, 2]), factor: 0.25).learningRate(base: 16, iteration: $0, total: 7)
    }
    #expect(at == [16, 16, 4, 4, 4, 1, 1])
  }

  @Test func constantStays() {
    for iteration in [0, 7, 1000] {
      #expect(Constant().learningRate(base: 0.25, iteration: iteration, total: 10) == 0.25)
    }
  }

  @Test func warmupRisesToTheSchedule() {
    let constant = Warmup(iterations: 4, then: Constant())
    let rates = (0..<6).map { constant.learningRate(base: 2, iteration: $0, total: 100) }
    #expect(rates == [0.5, 1, 1.5, 2, 2, 2])

    let poly = Warmup(iterations: 10, then: Poly())
    for iteration in 0..<100 {
      let plain = Poly().learningRate(base: 0.1, iteration: iteration, total: 100)
      let factor = min(1, Double(iteration + 1) / 10)
      let rate = poly.learningRate(base: 0.1, iteration: iteration, total: 100)
      #expect(abs(rate - plain * factor) < 1e-15)
    }
  }

  @Test func noWarmupIsTheSchedule() {
    let rate = Warmup(iterations: 0, then: Poly()).learningRate(base: 1, iteration: 0, total: 10)
    #expect(rate == 1)
  }
}
