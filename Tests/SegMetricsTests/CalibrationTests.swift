import SegCore
import SegMetrics
import Testing

@Suite struct CalibrationTests {
  @Test(arguments: [
    (Fixture.targetA, -0.0656606619), (Fixture.targetB, -0.0402152351),
  ])
  func knownScore(labels: [UInt8], cal: Double) {
    var histogram = CalibrationHistogram()
    for pixel in labels.indices where labels[pixel] != 255 {
      let p = softmax(Fixture.logits[pixel * 3..<pixel * 3 + 3])
      for index in 0..<3 { histogram.add(probability: p[index], hit: index == Int(labels[pixel])) }
    }
    #expect(close(histogram.calibration, cal, 1e-10))
  }

  @Test func classwiseErrorIsTheMeanOverClasses() {
    var right = CalibrationHistogram()
    var wrong = CalibrationHistogram()
    right.add(probability: 1, hit: true)
    for hit in [true, false, false, false] { wrong.add(probability: 0.75, hit: hit) }
    #expect(CalibrationHistogram.classwiseError([right, wrong]) == 0.25)
    #expect(CalibrationHistogram.classwiseError([CalibrationHistogram()]) == nil)
  }

  @Test func aCoinScoresZeroWhateverTheProbability() {
    var histogram = CalibrationHistogram()
    for bin in 0..<10 {
      let p = (Double(bin) + 0.5) / 10
      histogram.add(probability: p, hit: true)
      histogram.add(probability: p, hit: false)
    }
    #expect(close(histogram.calibration, 0, 1e-14))
    #expect(close(histogram.expectedCalibrationError, 0.25, 1e-14))
  }

  @Test func theOppositeOfTheTruthScoresMinusOne() {
    var histogram = CalibrationHistogram()
    for bin in 0..<10 { histogram.add(probability: (Double(bin) + 0.5) / 10, hit: bin < 5) }
    #expect(close(histogram.calibration, 1 - 0.4 * 7.5, 1e-14))
    var extreme = CalibrationHistogram()
    for bin in [0, 9] { extreme.add(probability: bin == 0 ? 0 : 1, hit: bin == 0) }
    #expect(close(extreme.expectedCalibrationError, 1, 1e-12))
  }

  @Test func edgesBelongToTheBinAbove() {
    var histogram = CalibrationHistogram()
    for p in [0, 0.1, 0.2, 0.5, 0.9, 1, 0.999] { histogram.add(probability: p, hit: false) }
    #expect(histogram.counts == [1, 1, 1, 0, 0, 1, 0, 0, 0, 3])
    #expect(histogram.rows[1].lower == 0.1 && histogram.rows[1].upper == 0.2)
  }

  @Test func emptyBinsAddNothingAndStayInN() {
    var histogram = CalibrationHistogram()
    for hit in [true, false, false, false] { histogram.add(probability: 0.5, hit: hit) }
    #expect(close(histogram.calibration, 1 - 0.4 * 0.25, 1e-14))
    #expect(close(histogram.expectedCalibrationError, 0.25, 1e-14))
    #expect(histogram.rows[0].accuracy == nil && histogram.rows[0].meanConfidence == nil)
    #expect(histogram.rows[5].accuracy == 0.25 && histogram.rows[5].meanConfidence == 0.5)
  }

  @Test func withoutSamplesNothingIsDefined() {
    #expect(CalibrationHistogram().calibration == nil)
    #expect(CalibrationHistogram().expectedCalibrationError == nil)
    #expect(CalibrationHistogram().rows.count == 10)
  }

  @Test func neitherOrderNorSplittingMatters() {
    var rng = CounterRNG(seed: 3, stream: 0)
    let samples = (0..<2000).map { _ in (rng.uniform(), rng.uniform() < 0.3) }
    var whole = CalibrationHistogram()
    for (p, hit) in samples { whole.add(probability: p, hit: hit) }
    var parts = CalibrationHistogram()
    for part in [samples[700...].reversed(), samples[..<700].shuffled(using: &rng)] {
      var histogram = CalibrationHistogram()
      for (p, hit) in part { histogram.add(probability: p, hit: hit) }
      parts.merge(histogram)
    }
    #expect(parts == whole)
  }

  @Test(
    arguments: [
      (0.5, 0.5, 0.5), (0.2, 0.8, 0.32), (0, 0.7, 0), (0, 0, 0), (-0.1, 0.7, nil), (nil, 0.7, nil),
      (0.9, nil, nil),
    ] as [(Double?, Double?, Double?)])
  func harmonic(calibration: Double?, rate: Double?, score: Double?) {
    #expect(close(harmonicScore(calibration, rate), score, 1e-14))
  }
}
