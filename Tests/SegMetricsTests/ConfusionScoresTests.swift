import SegCore
import SegMetrics
import Testing

@Suite struct ConfusionScoresTests {
  @Test func knownMatrix() {
    let scores = ConfusionMatrix(rows: [[50, 3, 2], [10, 20, 0], [5, 0, 0]]).scores()
    #expect(close(scores.pixelAccuracy, 0.7777777778, 1e-10))
    #expect(close(scores.meanAccuracy, 0.5252525253, 1e-10))
    #expect(close(scores.meanIoU, 0.4401154401, 1e-10))
    #expect(scores.macroF1 == nil)
    #expect(scores.classesWithoutF1 == [2])
    #expect(scores.classesWithoutPrediction == [])
    #expect(scores.classesScored == 3)
    // By hand: IoU 50/70, 20/33, 0/7; precision 50/65, 20/23, 0/2; F1 100/120, 40/53, 0/0.
    let weighted: [Double] = [55 * 50 / 70, 30 * 20 / 33]
    #expect(close(scores.frequencyWeightedIoU, (weighted[0] + weighted[1]) / 90, 1e-15))
    #expect(close(scores.meanPrecision, (50 / 65.0 + 20 / 23.0) / 3, 1e-15))
    #expect(close(scores.macroF1ZeroFilled, (100 / 120.0 + 40 / 53.0) / 3, 1e-15))
    #expect(close(scores.classes[0].recall, 50 / 55.0, 1e-15))
    #expect(scores.classes[2].precision == 0)
    #expect(scores.classes[2].f1 == nil)
  }

  @Test func f1IsTheHarmonicMeanOfPrecisionAndRecall() {
    let scores = ConfusionMatrix(rows: [[8, 2, 1], [3, 9, 4], [5, 0, 7]]).scores()
    var sum = 0.0
    for one in scores.classes {
      let (p, r) = (one.precision ?? .nan, one.recall ?? .nan)
      #expect(close(one.f1, 2 * p * r / (p + r), 1e-15))
      sum += 2 * p * r / (p + r)
    }
    #expect(close(scores.macroF1, sum / 3, 1e-15))
    #expect(scores.macroF1 == scores.macroF1ZeroFilled)
  }

  @Test func aClassWithoutTruePixelsIsSkippedOrCountsItsFalseOnes() {
    // Class 1 is absent but predicted once; class 2 is absent and never predicted.
    let matrix = ConfusionMatrix(rows: [[9, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 5]])
    let skip = matrix.scores(.skip)
    #expect(skip.classesScored == 2)
    #expect(skip.absentClasses == [1, 2])
    #expect(close(skip.meanIoU, (0.9 + 1) / 2, 1e-15))
    #expect(close(skip.meanPrecision, 1, 1e-15))
    #expect(skip.classes.map(\.iou) == [0.9, nil, nil, 1])
    #expect(skip.rule.label == "gt_absent: skip")

    let count = matrix.scores(.countFalsePositives)
    #expect(count.classesScored == 3)
    #expect(count.absentClasses == [1, 2])
    #expect(close(count.meanIoU, (0.9 + 0 + 1) / 3, 1e-15))
    #expect(close(count.meanPrecision, 2 / 3.0, 1e-15))
    #expect(count.classes.map(\.iou) == [0.9, 0, nil, 1])
    for scores in [skip, count] {
      #expect(close(scores.meanAccuracy, (0.9 + 1) / 2, 1e-15))
      #expect(close(scores.frequencyWeightedIoU, (10 * 0.9 + 5) / 15, 1e-15))
      #expect(scores.classes.map(\.recall) == [0.9, nil, nil, 1])
      #expect(close(scores.macroF1, (18 / 19.0 + 1) / 2, 1e-15))
    }
  }

  @Test func aClassThatIsNeverPredictedIsNamed() {
    let scores = ConfusionMatrix(rows: [[4, 0, 1], [0, 0, 3], [0, 0, 2]]).scores()
    #expect(scores.macroF1 == nil)
    #expect(scores.classesWithoutPrediction == [1])
    #expect(scores.classesWithoutF1 == [1])
    #expect(close(scores.macroF1ZeroFilled, (8 / 9.0 + 0 + 4 / 8.0) / 3, 1e-15))
    #expect(close(scores.meanPrecision, (1 + 2 / 6.0) / 2, 1e-15))
  }

  @Test func withoutPixelsNothingIsDefined() {
    for rule in AbsentClassRule.allCases {
      let scores = ConfusionMatrix(classes: 3).scores(rule)
      #expect(scores.pixelAccuracy == nil && scores.meanAccuracy == nil && scores.meanIoU == nil)
      #expect(scores.frequencyWeightedIoU == nil && scores.meanPrecision == nil)
      #expect(scores.macroF1 == nil && scores.macroF1ZeroFilled == nil)
      #expect(scores.classesScored == 0)
    }
  }

  @Test func oneClass() {
    let scores = ConfusionMatrix(rows: [[7]]).scores()
    #expect(scores.pixelAccuracy == 1 && scores.meanIoU == 1 && scores.macroF1 == 1)
  }

  @Test(arguments: 0..<20) func permutingClassesPermutesScores(seed: Int) {
    var rng = CounterRNG(seed: UInt64(seed), stream: 0)
    let n = rng.integer(in: 1..<8)
    // Small counts, so that absent and never predicted classes are common.
    let rows = (0..<n).map { _ in (0..<n).map { _ in Int64(max(0, rng.integer(in: -4..<6))) } }
    let order = (0..<n).shuffled(using: &rng)
    let permuted = order.map { row in order.map { rows[row][$0] } }
    for rule in AbsentClassRule.allCases {
      let a = ConfusionMatrix(rows: rows).scores(rule)
      let b = ConfusionMatrix(rows: permuted).scores(rule)
      for (new, old) in order.enumerated() {
        var moved = a.classes[old]
        moved.index = new
        #expect(b.classes[new] == moved)
      }
      #expect(close(a.pixelAccuracy, b.pixelAccuracy, 1e-14))
      #expect(close(a.meanAccuracy, b.meanAccuracy, 1e-14))
      #expect(close(a.meanIoU, b.meanIoU, 1e-14))
      #expect(close(a.frequencyWeightedIoU, b.frequencyWeightedIoU, 1e-14))
      #expect(close(a.meanPrecision, b.meanPrecision, 1e-14))
      #expect(close(a.macroF1, b.macroF1, 1e-14))
      #expect(close(a.macroF1ZeroFilled, b.macroF1ZeroFilled, 1e-14))
      #expect(a.classesScored == b.classesScored)
      #expect(a.absentClasses.count == b.absentClasses.count)
    }
  }
}
