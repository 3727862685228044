import SegCore
import SegData
import SegLosses

/// What the labels of both splits hold, from the files or from what an earlier run remembered of them.
struct LabelSurvey {
  /// Pixels of each class by split.
  let statistics: DataStats
  let counts: LabelCounts
  /// Where the config asks for samples drawn by class.
  let classUniform: ClassUniform?
  /// Whether no label was opened.
  let isRemembered: Bool

  /// - Throws: `Failure(.badData)` for bad labels, unless they are left out. What is remembered was sound.
  init(
    _ loaded: LoadedConfig, _ train: FileDataset, _ validation: FileDataset,
    cache: LabelCountCache?, progress: (Int, Int) -> Void
  ) throws {
    let data = loaded.config.data
    let files = LabelFiles([train, validation], reading: loaded.resolved["data"] ?? .null)
    let share = loaded.config.augment.classUniform
    var counted: DataStats?
    var classUniform: ClassUniform?
    func count() throws -> (JSONValue, keep: Bool) {
      let inspection = try DataInspection(
        data, splits: [data.train, data.validation], readImages: false,
        workers: max(data.workers, Machine.cores), progress: progress)
      let check = DataCheck(inspection)
      if data.onBadSample == .error { try check.requireSound() }
      let statistics = DataStats(inspection)
      counted = statistics
      if share > 0 { classUniform = ClassUniform(share: share, inspection, split: data.train) }
      return (statistics.counts, check.errors == 0)
    }
    // Which images show a class is not remembered.
    let splitCache = share > 0 ? nil : cache
    let found = try splitCache?.counts("splits", of: files, count)
    let remembered = found.flatMap { DataStats(classes: train.classes, counts: $0.0) }
    if counted == nil, remembered == nil { _ = try count() }
    guard let statistics = counted ?? remembered else {
      throw Failure(.internal, "labels", "they were counted and there are no counts")
    }
    self.statistics = statistics
    self.classUniform = classUniform
    isRemembered = counted == nil

    var firstOfBatch: [Int]?
    if loaded.config.loss.terms.contains(where: { $0.weighting?.countsFirstOfBatch == true }) {
      // Both loaders of that code have one batch size.
      let batchSize = loaded.config.training.batchSize
      let inputSize = loaded.config.inputSize
      func count() throws -> [Int] {
        try LabelCounts.firstOfBatch(validation, data, inputSize, batchSize: batchSize)
      }
      let found = try cache?.counts("first of \(batchSize) at \(inputSize)", of: files) {
        (.array(try count().map { .integer($0) }), keep: data.onBadSample == .error)
      }
      firstOfBatch = try found.flatMap { Self.integers($0.0, train.classes.count) } ?? count()
    }
    counts = LabelCounts(
      training: statistics.splits.first?.pixels ?? [], firstOfBatch: firstOfBatch)
  }

  private static func integers(_ json: JSONValue, _ count: Int) -> [Int]? {
    guard case .array(let items) = json, items.count == count else { return nil }
    let values = items.compactMap { item -> Int? in
      if case .integer(let value) = item { value } else { nil }
    }
    return values.count == count ? values : nil
  }
}
