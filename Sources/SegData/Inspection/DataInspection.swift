internal import SegCore

/// Every file of the named splits, opened once: what `DataCheck` and `DataStats` are made from.
public struct DataInspection: Sendable {
  let config: DataConfig
  let classes: [ClassInfo]
  let labels: LabelTable
  private(set) var splits: [Split]

  struct Split: Sendable {
    let name: String
    /// Missing files and pairs.
    let problems: [DataProblem]
    let files: [FileInspection]

    /// Pixels by stored value over the readable labels, 256 entries.
    var stored: [Int] {
      var total = [Int](repeating: 0, count: 256)
      for file in files {
        for (value, count) in file.stored.enumerated() { total[value] += count }
      }
      return total
    }
  }

  /// Opens the files on worker threads; the result is the same for any number of them.
  ///
  /// - Parameters:
  ///   - splits: Names as the layout has them; a name given twice counts once.
  ///   - readImages: False opens the labels alone, which is enough to count pixels of classes.
  ///   - workers: Threads; nil for `config.workers`.
  ///   - progress: Called after each pair with pairs done and pairs in all, from the calling thread.
  /// - Throws: `Failure` `.badConfig` for a config that describes no data set. What is wrong with files is
  ///   not thrown but in the result.
  public init(
    _ config: DataConfig, splits names: [String], readImages: Bool = true, workers: Int? = nil,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    let layout = try DatasetLayout.named(config.layout)
    let table = try FileDataset.table(config, layout)
    let labels = try LabelTable(config, layout)
    let readLabel = try layout.labelReader(config, table.classes)
    var surveys: [(name: String, survey: PairSurvey)] = []
    for name in names where !surveys.contains(where: { $0.name == name }) {
      surveys.append((name, try PairSurvey(layout, config, split: name)))
    }
    let total = surveys.map(\.survey.pairs.count).reduce(0, +)
    let threads = max(workers ?? config.workers, 1)
    var done = 0
    var splits: [Split] = []
    for (name, survey) in surveys {
      let pairs = survey.pairs
      let files = try OrderedPrefetch(limit: pairs.count, workers: threads, depth: 4 * threads) {
        FileInspection(pairs[$0], readLabel, labels, readImage: readImages)
      }
      var found: [FileInspection] = []
      while let file = try files.next() {
        found.append(file)
        done += 1
        progress(done, total)
      }
      splits.append(Split(name: name, problems: survey.problems, files: found))
    }
    self.config = config
    classes = table.classes
    self.labels = labels
    self.splits = splits
  }

  /// The same files in other splits.
  func divided(_ splits: [(name: String, files: [FileInspection])]) -> DataInspection {
    var divided = self
    divided.splits = splits.map { Split(name: $0.name, problems: [], files: $0.files) }
    return divided
  }

  /// By class, how many of the files show it.
  func imagesOfClass(_ files: [FileInspection]) -> [Int] {
    var images = [Int](repeating: 0, count: classes.count)
    for file in files { for index in classes(in: file) { images[index] += 1 } }
    return images
  }

  /// The classes a label shows, ignored ones apart.
  func classes(in file: FileInspection) -> Set<Int> {
    var shown = Set<Int>()
    for (value, count) in file.stored.enumerated() where count > 0 {
      // An ignored class index is ignored, as in training.
      if labels.mapped[value] != labels.ignoreIndex { shown.insert(Int(labels.mapped[value])) }
    }
    return shown
  }
}
