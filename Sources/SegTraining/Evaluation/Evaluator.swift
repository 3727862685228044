import SegCore
public import SegData
import SegEngine
public import SegMetrics

/// Scores a network on a split, one batch after the other, in memory that does not grow with the split but
/// for a few integers a picture.
public struct Evaluator {
  let dataset: any SegmentationDataset
  let config: RunConfig
  let normalization: Normalization
  let transforms: TransformPipeline
  /// Nil where the data set is not Cityscapes or is not scored at the size of its labels.
  let cityscapes: CityscapesFiles?

  public init(_ dataset: any SegmentationDataset, _ config: RunConfig) throws {
    self.dataset = dataset
    self.config = config
    normalization = try Normalization(config.data)
    transforms = TransformPipeline([ResizeToInput(config.inputSize, by: config.data.resize)])
    cityscapes = config.evaluation.scoreSize == .original ? CityscapesFiles(dataset) : nil
  }

  /// - Parameters:
  ///   - progress: pictures done and their number.
  ///   - onSkip: a sample left out under `on_bad_sample: skip`.
  /// - Throws: `Failure` `.badData` for a bad sample, `.diverged` when logits are not finite.
  public func run(
    _ runner: InferenceRunner, progress: (Int, Int) -> Void = { _, _ in },
    onSkip: @escaping (SkippedSample) -> Void = { _ in }
  ) throws -> EvaluationSummary {
    let loader = try EvaluationLoader(
      dataset, transforms: transforms, normalization: normalization,
      batchSize: config.evaluation.batchSize, workers: config.data.workers,
      onBadSample: config.data.onBadSample, keepsPictures: !config.evaluation.testTime.isPlain,
      onSkip: onSkip)
    var tally = EvaluationTally(dataset, cityscapes)
    var lossSum = 0.0
    var done = 0
    while let batch = try loader.next() {
      lossSum +=
        try config.evaluation.testTime.isPlain
        ? score(batch, runner, into: &tally) : scoreViews(batch, runner, into: &tally)
      done += batch.count
      progress(done, dataset.count)
    }
    guard done > 0 else {
      throw Failure(.badData, "evaluation", "no sample of the split could be read")
    }
    try tally.evaluation.requireFinite("evaluation")
    return EvaluationSummary(
      tally.evaluation, names: dataset.classes.map(\.name), rule: config.evaluation.absentClasses,
      recallRate: config.evaluation.recallRate, loss: lossSum / Double(done),
      images: tally.images, cityscapes: tally.official)
  }

  /// Counts one batch; returns the sum of the samples' losses.
  private func score(
    _ batch: EvaluationBatch, _ runner: InferenceRunner, into tally: inout EvaluationTally
  ) throws -> Double {
    var lossSum = 0.0
    var first = 0
    for group in labelGroups(of: batch) {
      let key = InferencePlan.Key(
        batch: group.count, height: batch.size.height, width: batch.size.width,
        outputHeight: group.size.height, outputWidth: group.size.width, scoresLoss: true)
      let pixels = 3 * batch.size.height * batch.size.width
      lossSum += try batch.images.withUnsafeBufferPointer { images in
        let slice = UnsafeBufferPointer(
          rebasing: images[first * pixels..<(first + group.count) * pixels])
        let result = try runner.run(key, images: slice, labels: group.labels)
        let logits = UnsafeBufferPointer(result.logits)
        // One picture at a time, so that sums do not depend on the batch size.
        let (one, classes) = (group.size.height * group.size.width, dataset.classes.count)
        for index in 0..<group.count {
          try tally.add(
            picture: batch.indices[first + index],
            logits: UnsafeBufferPointer(
              rebasing: logits[index * one * classes..<(index + 1) * one * classes]),
            labels: group.labels.span.extracting(index * one..<(index + 1) * one),
            pool: runner.pool)
        }
        return (result.loss ?? 0) * Double(group.count)
      }
      first += group.count
    }
    return lossSum
  }

  /// Neighbours whose labels are scored at one size.
  private struct LabelGroup {
    var size: PixelSize
    var count: Int
    var labels: [UInt8]
  }

  private func labelGroups(of batch: EvaluationBatch) -> [LabelGroup] {
    guard config.evaluation.scoreSize == .original else {
      return [LabelGroup(size: batch.size, count: batch.count, labels: batch.labels)]
    }
    var groups: [LabelGroup] = []
    for label in batch.originalLabels {
      let size = PixelSize(height: label.height, width: label.width)
      if let last = groups.last, last.size == size {
        groups[groups.count - 1].count += 1
        groups[groups.count - 1].labels += label.pixels
      } else {
        groups.append(LabelGroup(size: size, count: 1, labels: label.pixels))
      }
    }
    return groups
  }
}
