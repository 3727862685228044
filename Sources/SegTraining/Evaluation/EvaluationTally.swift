import SegCore
import SegData
import SegEngine
import SegMetrics

/// The counts of an evaluation on its way through a data set.
struct EvaluationTally {
  private(set) var evaluation: Evaluation
  private(set) var images: [ImageCounts] = []
  private(set) var official: CityscapesEvaluation?
  private let dataset: any SegmentationDataset
  private let cityscapes: CityscapesFiles?
  private var prediction: [UInt8] = []

  init(_ dataset: any SegmentationDataset, _ cityscapes: CityscapesFiles?) {
    self.dataset = dataset
    self.cityscapes = cityscapes
    evaluation = Evaluation(
      classes: dataset.classes.count, ignoreIndex: Int(dataset.ignoreIndex))
    official = cityscapes.map { CityscapesEvaluation(scoresInstances: $0.hasInstances) }
  }

  /// Counts the picture at `index` of the split.
  ///
  /// - Parameters:
  ///   - logits: `[pixels, classes]`.
  ///   - labels: `[pixels]`, class indices and the ignored value.
  mutating func add(
    picture index: Int, logits: UnsafeBufferPointer<Float>, labels: Span<UInt8>, pool: ThreadPool
  ) throws {
    let path = dataset.labelPath(at: index)
    let counts: ClassCounts
    if cityscapes == nil {
      counts = try evaluation.add(logits: logits.span, labels: labels, place: path, pool: pool)
    } else {
      if prediction.count != labels.count {
        prediction = [UInt8](repeating: 0, count: labels.count)
      }
      counts = try prediction.withUnsafeMutableBufferPointer { prediction in
        try evaluation.add(
          logits: logits.span, labels: labels, prediction: prediction, place: path, pool: pool)
      }
      try addOfficial(index, path)
    }
    images.append(ImageCounts(index: index, name: FilePath.name(of: path), counts: counts))
  }

  private mutating func addOfficial(_ index: Int, _ path: String) throws {
    guard let cityscapes, var counts = official else { return }
    let ids = prediction.map { cityscapes.labelIds[Int($0)] }
    let labels = try cityscapes.labels(at: index)
    if let instances = try cityscapes.instances(at: index, like: labels) {
      try counts.add(
        prediction: ids.span, labels: labels.pixels.span, instances: instances.values.span,
        place: path)
    } else {
      try counts.add(prediction: ids.span, labels: labels.pixels.span, place: path)
    }
    official = counts
  }
}
