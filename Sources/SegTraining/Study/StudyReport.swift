public import SegCore

/// The files a study writes beside its runs: `study.md`, `study.tex`, `study.csv` and the scatter plots.
public struct StudyReport {
  let study: Study
  let results: StudyResults

  /// Reads what is finished so far.
  public init(_ study: Study) throws(Failure) {
    self.study = study
    results = try StudyResults(study)
  }

  public func write() throws(Failure) {
    func put(_ name: String, _ text: String) throws(Failure) {
      try AtomicFile.write(text, to: FilePath.join(study.path, name))
    }
    for (group, name) in zip(results.groups, scatterNames) {
      if let svg = StudyScatter(group).svg { try put(name, svg) }
    }
    try put("study.md", markdown)
    try put("study.tex", latex)
    try put("study.csv", csv)
  }

  /// `scatter.svg`, or one for each data set and network.
  var scatterNames: [String] {
    results.groups.map { group in
      let entries = study.config.dataSets + study.config.models
      let parts = [group.dataSet, group.model].compactMap { name in
        name.flatMap { name in entries.first { $0.name == name }?.folderName }
      }
      return (["scatter"] + parts).joined(separator: "-") + ".svg"
    }
  }

  // MARK: Tables

  private func tables(
    _ group: StudyResults.Group
  ) -> (scores: StudyTable, differences: StudyTable?, recall: StudyTable, iou: StudyTable) {
    let suffix = group.title.isEmpty ? "" : ", \(group.title)"
    let seeds = study.config.seeds.count
    let scores = StudyTable(
      title: "\(study.config.name)\(suffix)",
      columns: ["loss"] + StudyScore.allCases.map { $0.title + ($0.isPercent ? ", %" : "") }
        + ["seeds"],
      rows: group.rows.map { row in
        [.text(row.loss)]
          + StudyScore.allCases.map { .spread(row.spread($0), percent: $0.isPercent) }
          + [.text(row.runs.count == seeds ? "\(seeds)" : "\(row.runs.count) of \(seeds)")]
      }, marksLargest: true)
    let compared = group.rows.filter { !$0.differences.isEmpty }
    let differences = StudyTable(
      title: "Differences to \(study.config.baseline)\(suffix)",
      columns: ["loss"] + StudyScore.counted.map { $0.title + ", points" },
      rows: compared.map { row in
        [.text(row.loss)]
          + StudyScore.counted.map { .difference(row.differences[$0], percent: $0.isPercent) }
      }, marksLargest: false)
    let finished = group.rows.filter { !$0.runs.isEmpty }
    func perClass(
      _ title: String, _ spread: (StudyResults.Row, Int) -> Spread
    ) -> StudyTable {
      StudyTable(
        title: "\(title) by class\(suffix), %", columns: ["loss"] + group.classes,
        rows: finished.map { row in
          [.text(row.loss)]
            + group.classes.indices.map { .spread(spread(row, $0), percent: true) }
        }, marksLargest: true)
    }
    return (
      scores, compared.isEmpty ? nil : differences, perClass("Recall") { $0.recall($1) },
      perClass("IoU") { $0.iou($1) }
    )
  }

  /// The content of `study.md`.
  public var markdown: String {
    let config = study.config
    let split = config.evaluation.split.map { "split \($0)" } ?? "the validation split"
    let which = config.evaluation.checkpoint == .last ? "last" : "best"
    var out = "# \(StudyTable.markdown(config.name))\n\n"
    out += "Mean ± standard deviation over the seeds "
    out += config.seeds.map(String.init).joined(separator: ", ")
    out += "; the \(which) checkpoint of each run, scored on \(split).\n"
    for (group, scatter) in zip(results.groups, scatterNames) {
      if !group.title.isEmpty { out += "\n## \(StudyTable.markdown(group.title))\n" }
      let tables = tables(group)
      out += "\n" + tables.scores.markdown
      if let differences = tables.differences {
        let share = fixed(100 * config.bootstrap.confidence, 1)
        out += "\nDifferences to \(StudyTable.markdown(config.baseline)), run by run with the same "
        out += "seed, in percentage points: mean ± standard deviation over seeds, and in brackets "
        out += "the \(share) % interval over pictures (\(config.bootstrap.resamples) resamples).\n"
        out += "\n" + differences.markdown + remark(group)
      }
      if group.rows.contains(where: { !$0.runs.isEmpty }) {
        out += "\n![mean accuracy over mean IoU](\(scatter))\n"
        for table in [tables.recall, tables.iou] {
          out += "\n\(StudyTable.markdown(table.title)):\n\n\(table.markdown)"
        }
      }
      out += missing(group)
    }
    return out
  }

  /// Which losses the pictures do not tell from the baseline: a table of means invites to overlook it.
  private func remark(_ group: StudyResults.Group) -> String {
    let close = group.rows.filter { row in
      guard let difference = row.differences[.meanIoU], let low = difference.low,
        let high = difference.high
      else { return false }
      return low <= 0 && high >= 0
    }.map { StudyTable.markdown($0.loss) }
    var out =
      close.isEmpty ? "" : "\nBy mean IoU not told from it: \(close.joined(separator: ", ")).\n"
    if study.config.seeds.count < 3 {
      out += "\nFewer than three seeds: the deviation over seeds says little.\n"
    }
    return out
  }

  private func missing(_ group: StudyResults.Group) -> String {
    let lines = group.rows.flatMap { row in
      row.missing.map { "* \(StudyTable.markdown(row.loss)), seed \($0.seed): \($0.state.name)" }
    }
    return lines.isEmpty ? "" : "\nWithout a result:\n\n" + lines.joined(separator: "\n") + "\n"
  }

  var latex: String {
    var out = "% needs \\usepackage{booktabs}\n"
    for group in results.groups {
      let tables = tables(group)
      for table in [tables.scores, tables.differences, tables.recall, tables.iou] {
        if let table, !table.rows.isEmpty { out += "\n" + table.latex }
      }
    }
    return out
  }

  // MARK: Data

  /// One row a score and loss, one more for each class; undefined values are empty.
  var csv: String {
    var rows = [
      [
        "data_set", "model", "loss", "score", "class", "seeds", "mean", "deviation", "difference",
        "difference_deviation", "low", "high",
      ]
    ]
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    for group in results.groups {
      for row in group.rows where !row.runs.isEmpty {
        let head = [group.dataSet ?? "", group.model ?? "", row.loss]
        func add(_ score: String, _ name: String, _ spread: Spread, _ difference: [Double?]) {
          rows.append(
            head + [score, name, "\(row.runs.count)", text(spread.mean), text(spread.deviation)]
              + difference.map(text))
        }
        for score in StudyScore.allCases {
          let difference = row.differences[score]
          add(
            score.rawValue, "", row.spread(score),
            [
              difference?.spread.mean, difference?.spread.deviation, difference?.low,
              difference?.high,
            ])
        }
        let none = [Double?](repeating: nil, count: 4)
        for (index, name) in group.classes.enumerated() {
          add("recall", name, row.recall(index), none)
          add("iou", name, row.iou(index), none)
        }
      }
    }
    return rows.map { $0.map(Self.field).joined(separator: ",") + "\n" }.joined()
  }

  /// RFC 4180.
  private static func field(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else {
      return text
    }
    return "\"" + text.reduce(into: "") { $0 += $1 == "\"" ? "\"\"" : String($1) } + "\""
  }

  /// What `--json` prints.
  public var json: JSONValue {
    get throws(Failure) {
      func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
      func json(_ spread: Spread) -> JSONValue {
        .fields([
          "mean": number(spread.mean), "deviation": number(spread.deviation),
          "values": .array(spread.values.map(number)),
        ])
      }
      func json(_ row: StudyResults.Row, _ classes: [String]) -> JSONValue {
        let differences = StudyScore.counted.compactMap { score in
          row.differences[score].map { found in
            (
              key: score.rawValue,
              value: JSONValue.fields([
                "mean": number(found.spread.mean), "deviation": number(found.spread.deviation),
                "low": number(found.low), "high": number(found.high),
              ])
            )
          }
        }
        return .fields([
          "loss": .string(row.loss), "seeds": .array(row.runs.map { .integer($0.seed) }),
          "scores": .object(
            StudyScore.allCases.map { (key: $0.rawValue, value: json(row.spread($0))) }),
          "differences": .object(differences),
          "classes": .array(
            row.runs.isEmpty
              ? []
              : classes.enumerated().map { index, name in
                .fields([
                  "name": .string(name), "recall": json(row.recall(index)),
                  "iou": json(row.iou(index)),
                ])
              }),
        ])
      }
      return .fields([
        "name": .string(study.config.name), "path": .string(study.path),
        "baseline": .string(study.config.baseline),
        "runs": try study.listing().json["runs"] ?? .array([]),
        "groups": .array(
          results.groups.map { group in
            .fields([
              "data_set": group.dataSet.map { .string($0) } ?? .null,
              "model": group.model.map { .string($0) } ?? .null,
              "losses": .array(group.rows.map { json($0, group.classes) }),
            ])
          }),
      ])
    }
  }
}
