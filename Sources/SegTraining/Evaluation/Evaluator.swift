import SegCore
public import SegData
import SegEngine
public import SegMetrics

/// Scores a network on a split, one batch after the other, in memory that does not grow with the split.
public struct Evaluator {
  let dataset: any SegmentationDataset
  let config: RunConfig
  let normalization: Normalization
  let transforms: TransformPipeline

  public init(_ dataset: any SegmentationDataset, _ config: RunConfig) throws {
    self.dataset = dataset
    self.config = config
    normalization = try Normalization(config.data)
    transforms = try TransformPipeline.evaluation(config.data)
  }

  /// - Parameters:
  ///   - progress: pictures done and their number.
  ///   - onSkip: a sample left out under `on_bad_sample: skip`.
  ///   - onPicture: each picture in turn, by its number in the split, and what was counted in it.
  /// - Throws: `Failure` `.badData` for a bad sample, `.diverged` when logits are not finite.
  public func run(
    _ runner: InferenceRunner, progress: (Int, Int) -> Void = { _, _ in },
    onSkip: @escaping (SkippedSample) -> Void = { _ in },
    onPicture: ((Int, ConfusionMatrix) -> Void)? = nil
  ) throws -> EvaluationSummary {
    let loader = try EvaluationLoader(
      dataset, transforms: transforms, normalization: normalization,
      batchSize: config.evaluation.batchSize, workers: config.data.workers,
      onBadSample: config.data.onBadSample, onSkip: onSkip)
    var evaluation = Evaluation(
      classes: dataset.classes.count, ignoreIndex: Int(dataset.ignoreIndex))
    var lossSum = 0.0
    var done = 0
    while let batch = try loader.next() {
      lossSum += try score(batch, runner, into: &evaluation, onPicture)
      done += batch.count
      progress(done, dataset.count)
    }
    guard done > 0 else {
      throw Failure(.badData, "evaluation", "no sample of the split could be read")
    }
    try evaluation.requireFinite("evaluation")
    return EvaluationSummary(
      evaluation, names: dataset.classes.map(\.name), loss: lossSum / Double(done))
  }

  /// Counts one batch; returns the sum of the samples' losses.
  private func score(
    _ batch: EvaluationBatch, _ runner: InferenceRunner, into evaluation: inout Evaluation,
    _ onPicture: ((Int, ConfusionMatrix) -> Void)?
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
          let before = onPicture == nil ? nil : evaluation.confusion
          try evaluation.add(
            logits: UnsafeBufferPointer(
              rebasing: logits[index * one * classes..<(index + 1) * one * classes]
            ).span,
            labels: group.labels.span.extracting(index * one..<(index + 1) * one),
            place: dataset.labelPath(at: batch.indices[first + index]), pool: runner.pool)
          if let before, let onPicture {
            onPicture(batch.indices[first + index], evaluation.confusion.counts(since: before))
          }
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

extension ConfusionMatrix {
  /// What was counted after `earlier`.
  fileprivate func counts(since earlier: ConfusionMatrix) -> ConfusionMatrix {
    ConfusionMatrix(
      rows: (0..<classes).map { truth in
        (0..<classes).map {
          self[truth: truth, prediction: $0] - earlier[truth: truth, prediction: $0]
        }
      })
  }
}

extension BestScore {
  /// The score's value; `nil` where it is undefined.
  func value(in summary: EvaluationSummary) -> Double? {
    let scores = summary.scores
    let index = className.flatMap { summary.names.firstIndex(of: $0) }
    return switch metric {
    case .meanIoU: scores.meanIoU
    case .meanAccuracy: scores.meanAccuracy
    case .pixelAccuracy: scores.pixelAccuracy
    case .macroF1: scores.macroF1
    case .iou: index.flatMap { scores.classes[$0].iou }
    case .recall: index.flatMap { scores.classes[$0].recall }
    }
  }

  /// The score's name as part of a file name: `best_recall_bicycle`.
  var fileName: String {
    let plain = name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    return String(plain).trimmingUnderscores
  }
}

extension String {
  fileprivate var trimmingUnderscores: String {
    var text = Substring(self)
    while text.last == "_" { text.removeLast() }
    return String(text)
  }
}
