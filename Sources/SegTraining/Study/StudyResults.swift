import SegCore

/// What the finished runs of a study scored, by data set and network.
struct StudyResults {
  /// One run's scores, read from its evaluation.
  struct Run {
    var seed: Int
    var scores: [StudyScore: Double]
    var recall, iou: [Double?]
    var counts: StudyCounts
  }

  /// A loss in a group.
  struct Row {
    var loss: String
    var runs: [Run]
    /// Seeds that have no result, and why.
    var missing: [(seed: Int, state: CellState)]
    /// To the baseline; none for the baseline itself, and where no seed has both.
    var differences: [StudyScore: PairedBootstrap.Difference] = [:]

    func spread(_ score: StudyScore) -> Spread { Spread(values: runs.map { $0.scores[score] }) }
    func recall(_ index: Int) -> Spread { Spread(values: runs.map { $0.recall[index] }) }
    func iou(_ index: Int) -> Spread { Spread(values: runs.map { $0.iou[index] }) }
  }

  /// Losses that can be compared: one data set, one network.
  struct Group {
    var dataSet, model: String?
    var classes: [String]
    var rows: [Row]

    /// `camvid, fcn`; empty where the study varies neither.
    var title: String { [dataSet, model].compactMap { $0 }.joined(separator: ", ") }
  }

  var groups: [Group] = []

  /// - Throws: `Failure` where a file of a finished run cannot be understood, or runs of a group were scored on
  ///   different pictures.
  init(_ study: Study) throws(Failure) {
    for cell in study.cells {
      let run = try Self.result(cell, study.config.evaluation)
      let index = groups.firstIndex { $0.dataSet == cell.dataSet && $0.model == cell.model }
      var group =
        index.map { groups[$0] }
        ?? Group(
          dataSet: cell.dataSet, model: cell.model, classes: [],
          rows: study.config.losses.map { Row(loss: $0.name, runs: [], missing: []) })
      guard let row = group.rows.firstIndex(where: { $0.loss == cell.loss }) else { continue }
      switch run {
      case .success(let run):
        if group.classes.isEmpty { group.classes = run.counts.classes }
        try Self.check(run, cell, fits: group)
        group.rows[row].runs.append(run)
      case .failure(let missing): group.rows[row].missing.append((cell.seed, missing.state))
      }
      if let index { groups[index] = group } else { groups.append(group) }
    }
    for index in groups.indices { Self.compare(&groups[index], study.config) }
  }

  private struct Missing: Error { var state: CellState }

  private static func result(
    _ cell: StudyCell, _ evaluation: StudyEvaluationConfig
  ) throws(Failure) -> Result<Run, Missing> {
    let state = try cell.state(evaluation)
    guard state == .finished, let record = CellRecord(run: cell.path),
      case .finished(let folder, _) = record.outcome
    else { return .failure(Missing(state: state)) }
    let path = FilePath.join(FilePath.join(cell.path, folder), "summary.json")
    let summary = try JSONNode.parse(InputFile.contents(of: path), name: path).value
    var scores: [StudyScore: Double] = [:]
    for score in StudyScore.allCases {
      let value = score == .calibration ? summary["calibration"]?["cal"] : summary[score.rawValue]
      scores[score] = value?.double
    }
    let counts = try StudyCounts(path: FilePath.join(cell.path, StudyCounts.name))
    guard case .array(let classes)? = summary["classes"], classes.count == counts.classes.count
    else {
      throw Failure(
        .badData, path, "expected the scores of \(counts.classes.count) classes",
        hint: "remove \(CellRecord.name) of the run; the study then scores it again")
    }
    return .success(
      Run(
        seed: cell.seed, scores: scores, recall: classes.map { $0["recall"]?.double },
        iou: classes.map { $0["iou"]?.double }, counts: counts))
  }

  private static func check(_ run: Run, _ cell: StudyCell, fits group: Group) throws(Failure) {
    let other = group.rows.lazy.flatMap(\.runs).first?.counts
    guard let other, other.classes != run.counts.classes || other.images != run.counts.images
    else { return }
    throw Failure(
      .badData, cell.path,
      "expected the classes and pictures the study's other runs were scored on "
        + "(\(other.classes.count) and \(other.images.count)), "
        + "found \(run.counts.classes.count) and \(run.counts.images.count), or others",
      hint: "losses are compared on one data set; give each data set an entry in data_sets")
  }

  private static func compare(_ group: inout Group, _ config: StudyConfig) {
    guard let base = group.rows.firstIndex(where: { $0.loss == config.baseline }) else { return }
    var offsets: [Int] = []
    var all: [StudyCounts] = []
    for row in group.rows {
      offsets.append(all.count)
      all += row.runs.map(\.counts)
    }
    let bootstrap = PairedBootstrap(all, config.bootstrap)
    for index in group.rows.indices where index != base {
      let pairs = group.rows[index].runs.enumerated().compactMap { place, run in
        group.rows[base].runs.firstIndex { $0.seed == run.seed }.map {
          (run: offsets[index] + place, baseline: offsets[base] + $0)
        }
      }
      for score in StudyScore.counted {
        group.rows[index].differences[score] = bootstrap.difference(score, pairs)
      }
    }
  }
}
