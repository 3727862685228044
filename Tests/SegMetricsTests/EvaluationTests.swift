import Foundation
import SegCore
import SegEngine
import SegMetrics
import Testing

@Suite struct EvaluationTests {
  /// Against the plain way in Double: pixels around the sizes of blocks and chunks, few and many
  /// classes, flat and steep logits.
  @Test(arguments: [
    (1, 1, 1.0), (63, 2, 3), (64, 3, 0.1), (65, 11, 12), (1000, 21, 5), (300, 256, 4),
    (16_384, 3, 2), (16_385, 2, 30), (40_000, 4, 8),
  ])
  func equalsThePlainWay(pixels: Int, classes: Int, spread: Double) throws {
    var rng = CounterRNG(seed: 11, stream: UInt64(pixels), step: UInt64(classes))
    let logits = (0..<pixels * classes).map { _ in Float(rng.uniform(-spread, spread)) }
    // 256 classes leave no label to ignore.
    let ignored: UInt8? = classes < 256 ? 255 : nil
    let labels = randomLabels(pixels, classes, ignored: ignored, &rng)
    try expectEqual(logits, labels, classes, ignored.map { Int($0) })
  }

  @Test func equalsThePlainWayOnTies() throws {
    var rng = CounterRNG(seed: 5, stream: 0)
    let logits = (0..<700 * 5).map { _ in Float(rng.integer(in: -1..<2)) }
    try expectEqual(logits, randomLabels(700, 5, ignored: nil, &rng), 5, nil)
  }

  @Test func extremeLogitsStayFinite() throws {
    var rng = CounterRNG(seed: 6, stream: 0)
    let values: [Float] = [-1e4, 1e4, 0, 9999, -3e38, 3e38, 1e-38, -0.0]
    let logits = (0..<500 * 4).map { _ in values[rng.integer(in: 0..<values.count)] }
    try expectEqual(logits, randomLabels(500, 4, ignored: 255, &rng), 4, 255)

    var one = Evaluation(classes: 2, ignoreIndex: nil)
    let steep: [Float] = [1e4, -1e4, -1e4, 1e4]
    try one.add(logits: steep.span, labels: [0, 0].span)
    #expect(one.crossEntropySum == 20_000)
    #expect(one.topCalibration.counts[9] == 2)
  }

  private func expectEqual(_ logits: [Float], _ labels: [UInt8], _ classes: Int, _ ignore: Int?)
    throws
  {
    var evaluation = Evaluation(classes: classes, ignoreIndex: ignore)
    var prediction = [UInt8](repeating: 77, count: labels.count)
    var confidence = [Float](repeating: -1, count: labels.count)
    _ = try prediction.withUnsafeMutableBufferPointer { prediction in
      try confidence.withUnsafeMutableBufferPointer { confidence in
        try evaluation.add(
          logits: logits.span, labels: labels.span, prediction: prediction,
          confidence: confidence)
      }
    }
    let reference = try Reference(
      logits.map { Double($0) }, labels, classes: classes, ignore: ignore)
    #expect(evaluation.confusion == reference.confusion)
    #expect(prediction == reference.prediction)
    #expect(zip(confidence, reference.confidence).allSatisfy { abs(Double($0) - $1) < 1e-7 })
    #expect(Int(evaluation.validPixels) == reference.valid)
    let scale = max(1, abs(reference.crossEntropy))
    #expect(close(evaluation.crossEntropySum, reference.crossEntropy, 1e-11 * scale))
    #expect(close(evaluation.brierSum, reference.brier, 1e-11 * max(1, reference.brier)))
    let histograms =
      [
        (evaluation.pooledCalibration, reference.pooled),
        (evaluation.topCalibration, reference.top),
      ] + zip(evaluation.classCalibration, reference.classwise)
    for (found, expected) in histograms {
      #expect(found.counts == expected.counts)
      #expect(found.hits == expected.hits)
      for bin in 0..<CalibrationHistogram.bins {
        #expect(close(found.meanProbability(bin), expected.meanProbability(bin), 1e-9))
      }
      #expect(close(found.calibration, expected.calibration, 1e-9))
    }
  }

  /// The fixture's digits, as far as its logits survive in single precision.
  @Test func knownCrossEntropyAndCalibration() throws {
    let logits = Fixture.logits.map { Float($0) }
    for (labels, crossEntropy, cal) in [
      (Fixture.targetA, 1.2175870956, -0.0656606619),
      (Fixture.targetB, 1.3755038679, -0.0402152351),
    ] {
      var evaluation = Evaluation(classes: 3, ignoreIndex: 255)
      try evaluation.add(logits: logits.span, labels: labels.span)
      #expect(close(evaluation.crossEntropy, crossEntropy, 1e-7))
      #expect(close(evaluation.pooledCalibration.calibration, cal, 2e-7))
    }
  }

  @Test func ignoredPixelsChangeNothing() throws {
    var rng = CounterRNG(seed: 8, stream: 0)
    let labels = randomLabels(900, 6, ignored: 255, &rng)
    let logits = (0..<900 * 6).map { _ in Float(rng.uniform(-5, 5)) }
    var other = logits
    for pixel in labels.indices where labels[pixel] == 255 {
      for index in 0..<6 { other[pixel * 6 + index] = Float(rng.uniform(-50, 50)) }
    }
    var a = Evaluation(classes: 6, ignoreIndex: 255)
    try a.add(logits: logits.span, labels: labels.span)
    var b = a
    b = Evaluation(classes: 6, ignoreIndex: 255)
    try b.add(logits: other.span, labels: labels.span)
    #expect(a == b)
    #expect(a.validPixels == Int64(labels.count { $0 != 255 }))
  }

  @Test func permutingClassesPermutesCounts() throws {
    var rng = CounterRNG(seed: 9, stream: 0)
    let labels = randomLabels(500, 7, ignored: 255, &rng)
    let logits = (0..<500 * 7).map { _ in Float(rng.uniform(-5, 5)) }
    let order = (0..<7).shuffled(using: &rng)
    let moved = (0..<500).flatMap { pixel in order.map { logits[pixel * 7 + $0] } }
    let renamed = labels.map { label in
      label == 255 ? 255 : UInt8(order.firstIndex(of: Int(label)) ?? 0)
    }
    var a = Evaluation(classes: 7, ignoreIndex: 255)
    try a.add(logits: logits.span, labels: labels.span)
    var b = Evaluation(classes: 7, ignoreIndex: 255)
    try b.add(logits: moved.span, labels: renamed.span)
    for i in 0..<7 {
      for j in 0..<7 {
        #expect(
          b.confusion[truth: i, prediction: j] == a.confusion[truth: order[i], prediction: order[j]]
        )
      }
    }
    for i in 0..<7 {
      #expect(b.classCalibration[i].counts == a.classCalibration[order[i]].counts)
      #expect(b.classCalibration[i].hits == a.classCalibration[order[i]].hits)
    }
    #expect(close(a.crossEntropy, b.crossEntropy, 1e-12))
    #expect(close(a.brierScore, b.brierScore, 1e-12))
    let errors = [a, b].map { CalibrationHistogram.classwiseError($0.classCalibration) }
    #expect(close(errors[0], errors[1], 1e-9))
  }

  @Test func permutingPixelsChangesNothing() throws {
    var rng = CounterRNG(seed: 14, stream: 0)
    let labels = randomLabels(20_000, 5, ignored: 255, &rng)
    let logits = (0..<20_000 * 5).map { _ in Float(rng.uniform(-5, 5)) }
    let order = (0..<20_000).shuffled(using: &rng)
    var a = Evaluation(classes: 5, ignoreIndex: 255)
    let countsA = try a.add(logits: logits.span, labels: labels.span)
    var b = Evaluation(classes: 5, ignoreIndex: 255)
    let movedLogits = order.flatMap { logits[$0 * 5..<$0 * 5 + 5] }
    let movedLabels = order.map { labels[$0] }
    let countsB = try b.add(logits: movedLogits.span, labels: movedLabels.span)
    #expect(a.confusion == b.confusion && countsA == countsB)
    #expect(countsA == ClassCounts(a.confusion))
    #expect(a.classCalibration == b.classCalibration && a.topCalibration == b.topCalibration)
    #expect(close(a.crossEntropy, b.crossEntropy, 1e-13))
    #expect(close(a.brierScore, b.brierScore, 1e-13))
  }

  /// A class that no label has: its own scores are undefined, but its probabilities are wrong ones.
  @Test func aClassWithoutTruePixels() throws {
    var evaluation = Evaluation(classes: 3, ignoreIndex: 255)
    try evaluation.add(logits: [0, 0, 0, 0, 0, -40].span, labels: [0, 1].span)
    let scores = evaluation.confusion.scores()
    #expect(scores.absentClasses == [2] && scores.classes[2].iou == nil)
    #expect(evaluation.classCalibration[2].total == 2)
    #expect(evaluation.classCalibration[2].hits.allSatisfy { $0 == 0 })
    let third = 1 / 3.0
    #expect(close(evaluation.classCalibration[2].expectedCalibrationError, third / 2, 1e-9))
    let brier: [Double] = [
      (1 - third) * (1 - third) + 2 * third * third, 0.5 * 0.5 + 0.5 * 0.5,
    ]
    #expect(close(evaluation.brierScore, (brier[0] + brier[1]) / 2, 1e-12))
  }

  @Test func oneClassIsAlwaysRight() throws {
    var evaluation = Evaluation(classes: 1, ignoreIndex: 255)
    try evaluation.add(logits: [3, -1, 0].span, labels: [0, 255, 0].span)
    #expect(evaluation.confusion == ConfusionMatrix(rows: [[2]]))
    #expect(evaluation.brierScore == 0 && evaluation.crossEntropy == 0)
    #expect(evaluation.topCalibration.expectedCalibrationError == 0)
    #expect(CalibrationHistogram.classwiseError(evaluation.classCalibration) == 0)
  }

  @Test func mergingIsCountingTogether() throws {
    var rng = CounterRNG(seed: 10, stream: 0)
    var whole = Evaluation(classes: 4, ignoreIndex: 255)
    var merged = Evaluation(classes: 4, ignoreIndex: 255)
    for pixels in [100, 0, 17_000, 3] {
      let labels = randomLabels(pixels, 4, ignored: 255, &rng)
      let logits = (0..<pixels * 4).map { _ in Float(rng.uniform(-5, 5)) }
      var part = Evaluation(classes: 4, ignoreIndex: 255)
      try part.add(logits: logits.span, labels: labels.span)
      try whole.add(logits: logits.span, labels: labels.span)
      merged.merge(part)
    }
    #expect(merged.confusion == whole.confusion)
    #expect(merged.pooledCalibration == whole.pooledCalibration)
    #expect(merged.classCalibration == whole.classCalibration)
    #expect(merged.topCalibration == whole.topCalibration)
    #expect(close(merged.brierScore, whole.brierScore, 1e-13))
    #expect(merged.validPixels == whole.validPixels)
    #expect(close(merged.crossEntropy, whole.crossEntropy, 1e-13))
  }

  @Test(arguments: [2, 3, 5])
  func threadsDoNotChangeABit(threads: Int) throws {
    var rng = CounterRNG(seed: 13, stream: 0)
    let (pixels, classes) = (7 * 16_384 + 77, 11)
    let labels = randomLabels(pixels, classes, ignored: 255, &rng)
    var logits = (0..<pixels * classes).map { _ in Float(rng.uniform(-6, 6)) }
    for pixel in [5, 20_000, pixels - 1] { logits[pixel * classes] = .nan }

    func count(_ labels: [UInt8], _ pool: ThreadPool?) throws -> (Evaluation, [UInt8], [Float]) {
      var evaluation = Evaluation(classes: classes, ignoreIndex: 255)
      var prediction = [UInt8](repeating: 77, count: pixels)
      var confidence = [Float](repeating: -1, count: pixels)
      _ = try prediction.withUnsafeMutableBufferPointer { prediction in
        try confidence.withUnsafeMutableBufferPointer { confidence in
          try evaluation.add(
            logits: logits.span, labels: labels.span, prediction: prediction,
            confidence: confidence, pool: pool)
        }
      }
      return (evaluation, prediction, confidence)
    }
    let alone = try count(labels, nil)
    for _ in 0..<3 {
      let together = try count(labels, ThreadPool(threads: threads))
      #expect(together == alone)
    }

    // The first unknown label is named, whichever thread comes upon one first.
    var broken = labels
    for pixel in [100_000, 40_000, 90_000] { broken[pixel] = 99 }
    let pool = ThreadPool(threads: threads)
    let failure = #expect(throws: Failure.self) { _ = try count(broken, pool) }
    #expect(failure?.problem.hasSuffix("found 99 at pixel 40000 (3 such pixels)") == true)
  }

  @Test func logitsThatAreNotFiniteAreCountedApart() throws {
    let logits: [Float] = [
      1, 0, .nan, 5, 0, .infinity, -.infinity, 2, 0, 3, .nan, .nan,
    ]
    var evaluation = Evaluation(classes: 2, ignoreIndex: 255)
    var prediction = [UInt8](repeating: 77, count: 6)
    var confidence = [Float](repeating: 77, count: 6)
    _ = try prediction.withUnsafeMutableBufferPointer { prediction in
      try confidence.withUnsafeMutableBufferPointer { confidence in
        try evaluation.add(
          logits: logits.span, labels: [0, 1, 1, 0, 1, 255].span, prediction: prediction,
          confidence: confidence)
      }
    }
    #expect(evaluation.nonFinitePixels == 4)
    #expect(evaluation.validPixels == 2)
    #expect(evaluation.confusion == ConfusionMatrix(rows: [[1, 0], [0, 1]]))
    #expect(evaluation.pooledCalibration.total == 4)
    #expect(evaluation.topCalibration.total == 2)
    #expect(evaluation.crossEntropySum.isFinite)
    #expect(prediction == [0, 0, 0, 0, 1, 0])
    #expect(confidence[1] == 0 && confidence[2] == 0 && confidence[3] == 0 && confidence[5] == 0)

    let failure = #expect(throws: Failure.self) { try evaluation.requireFinite("step 500") }
    #expect(failure?.status == .diverged)
    #expect(
      failure?.description.hasPrefix(
        "step 500: expected finite logits, found NaN or infinity at 4 pixels") == true)
    #expect(throws: Never.self) {
      try Evaluation(classes: 2, ignoreIndex: nil).requireFinite("")
    }
  }

  @Test func unknownLabelsAreRefused() throws {
    var labels = [UInt8](repeating: 0, count: 20_000)
    labels[17_001] = 9
    labels[19_000] = 8
    var evaluation = Evaluation(classes: 2, ignoreIndex: 255)
    let logits = [Float](repeating: 1, count: 40_000)
    let failure = #expect(throws: Failure.self) {
      try evaluation.add(logits: logits.span, labels: labels.span, place: "a.png")
    }
    #expect(failure?.status == .badData)
    #expect(
      failure?.problem
        == "expected labels in 0...1 or the ignored 255, found 9 at pixel 17001 (2 such pixels)")
    #expect(evaluation == Evaluation(classes: 2, ignoreIndex: 255))

    #expect(throws: Failure.self) {
      try evaluation.add(logits: [1, 2, 3].span, labels: [0, 1].span)
    }
  }

  @Test func everyPixelIgnored() throws {
    var evaluation = Evaluation(classes: 2, ignoreIndex: 255)
    try evaluation.add(logits: [1, 2, 3, 4].span, labels: [255, 255].span)
    #expect(evaluation.crossEntropy == nil && evaluation.brierScore == nil)
    #expect(CalibrationHistogram.classwiseError(evaluation.classCalibration) == nil)
    #expect(evaluation == Evaluation(classes: 2, ignoreIndex: 255))
  }

  @Test func predictionWithoutLabels() throws {
    var rng = CounterRNG(seed: 12, stream: 0)
    var logits = (0..<20_000 * 3).map { _ in Float(rng.uniform(-4, 4)) }
    logits[19_999 * 3] = .nan
    var prediction = [UInt8](repeating: 77, count: 20_000)
    var confidence = [Float](repeating: 77, count: 20_000)
    let nonFinite = try prediction.withUnsafeMutableBufferPointer { prediction in
      try confidence.withUnsafeMutableBufferPointer { confidence in
        try Evaluation.predict(
          logits: logits.span, classes: 3, prediction: prediction, confidence: confidence)
      }
    }
    #expect(nonFinite == 1)
    for pixel in 0..<19_999 {
      let z = logits[pixel * 3..<pixel * 3 + 3].map { Double($0) }
      let p = softmax(z[...])
      let best = Int(prediction[pixel])
      #expect(z[best] == z.max() && abs(Double(confidence[pixel]) - p[best]) < 1e-7)
    }
  }
}
