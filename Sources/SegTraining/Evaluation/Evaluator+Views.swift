import Glibc
import SegCore
import SegData
import SegEngine
import SegMetrics

/// Scoring with windows, scales and mirrored views (`TestTimeConfig`).
extension Evaluator {
  /// Counts a batch picture by picture from averaged probabilities; returns the sum of the samples' losses.
  ///
  /// What is scored and given to the loss is the logarithm of the average, whose softmax is the average again.
  func scoreViews(
    _ batch: EvaluationBatch, _ runner: InferenceRunner, into tally: inout EvaluationTally
  ) throws -> Double {
    let classes = dataset.classes.count
    let inference = TestTimeInference(
      config: config.evaluation.testTime, classes: classes, normalization: normalization,
      resize: config.data.resize, runner: runner)
    let pixels = batch.size.height * batch.size.width
    var lossSum = 0.0
    for index in 0..<batch.count {
      let label =
        config.evaluation.scoreSize == .original
        ? batch.originalLabels[index]
        : LabelMap(
          height: batch.size.height, width: batch.size.width,
          pixels: Array(batch.labels[index * pixels..<(index + 1) * pixels]))
      let size = PixelSize(height: label.height, width: label.width)
      let logits = try logits(of: batch.pictures[index], at: size, inference)
      lossSum += try logits.withUnsafeBufferPointer { logits in
        try tally.add(
          picture: batch.indices[index], logits: logits, labels: label.pixels.span,
          pool: runner.pool)
        return try runner.loss(
          logits: logits, labels: label.pixels, height: size.height, width: size.width,
          classes: classes)
      }
    }
    return lossSum
  }

  /// `[height, width, classes]`: logarithms of the averaged probabilities at `size`.
  private func logits(
    of picture: Raster, at size: PixelSize, _ inference: TestTimeInference
  ) throws -> [Float] {
    let classes = dataset.classes.count
    var probabilities: [Float] = []
    probabilities.reserveCapacity(picture.height * picture.width * classes)
    try inference.run(picture) { probabilities.append(contentsOf: $0.probabilities) }
    // One that has vanished stays a score that can be counted.
    func score(_ probability: Float) -> Float {
      probability.isNaN ? probability : log(max(probability, .leastNormalMagnitude))
    }
    guard size != picture.size else { return probabilities.map(score) }
    return [Float](unsafeUninitializedCapacity: size.height * size.width * classes) { out, count in
      let resize = ProbabilityResize(from: picture.size, to: size, classes: classes)
      probabilities.withUnsafeBufferPointer { source in
        resize.forEachPixel(source) { pixel, values in
          for c in 0..<classes { out[pixel * classes + c] = score(values[c]) }
        }
      }
      count = out.count
    }
  }
}
