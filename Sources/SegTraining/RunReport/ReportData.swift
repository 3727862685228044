import SegCore

/// What a run directory holds that the report shows; parts that are not there are empty.
struct ReportData {
  struct Series {
    var name: String
    var points: [(step: Double, value: Double)]
  }

  struct ClassScore {
    var name: String
    var iou, recall, precision, f1: Double?
    var pixels: Int?
  }

  var name: String
  var config: String
  var loss: [Series] = []
  var learningRate: [Series] = []
  var scores: [Series] = []
  var summary: JSONValue?
  /// `val@500`, the folder the summary comes from.
  var evaluation: String?
  var lastStep = 0

  /// - Parameter run: path of a run directory.
  init(run: String) throws(Failure) {
    name = FilePath.name(of: run)
    let configPath = FilePath.join(run, RunDirectory.configName)
    config =
      FileSystem.kind(of: configPath) == .file ? try InputFile.text(of: configPath) : ""
    let metrics = FilePath.join(run, RunDirectory.metricsName)
    if FileSystem.kind(of: metrics) == .file { read(try InputFile.contents(of: metrics)) }
    try readSummary(FilePath.join(run, RunDirectory.evaluationsName))
  }

  private mutating func read(_ metrics: [UInt8]) {
    for line in metrics.split(separator: UInt8(ascii: "\n")) {
      // A line torn by a crash is no reason to have no report.
      guard let event = try? JSONNode.parse(Array(line), name: "").value,
        case .integer(let step)? = event["step"]
      else { continue }
      lastStep = max(lastStep, step)
      func add(_ value: JSONValue?, _ name: String, to series: inout [Series]) {
        guard let number = value?.double else { return }
        if !series.contains(where: { $0.name == name }) {
          series.append(Series(name: name, points: []))
        }
        guard let index = series.firstIndex(where: { $0.name == name }) else { return }
        series[index].points.append((Double(step), number))
      }
      switch event["event"] {
      case .string("train")?:
        add(event["loss"], "training", to: &loss)
        if case .object(let terms)? = event["terms"], terms.count > 1 {
          for term in terms { add(term.value, term.key, to: &loss) }
        }
        add(event["lr"], "learning rate", to: &learningRate)
      case .string("eval")?:
        add(event["loss"], "validation", to: &loss)
        add(event["mean_iou"], "mean IoU", to: &scores)
        add(event["mean_accuracy"], "mean accuracy", to: &scores)
        add(event["pixel_accuracy"], "pixel accuracy", to: &scores)
      default: break
      }
    }
  }

  /// The summary of the latest step; of several splits the first by name.
  private mutating func readSummary(_ folder: String) throws(Failure) {
    guard FileSystem.kind(of: folder) == .directory else { return }
    var latest: Int?
    for name in try FileSystem.entries(of: folder) {
      let parts = name.split(separator: "@")
      let path = FilePath.join(FilePath.join(folder, name), "summary.json")
      guard parts.count == 2, let step = Int(parts[1]), step > latest ?? -1,
        FileSystem.kind(of: path) == .file
      else { continue }
      summary = try JSONNode.parse(try InputFile.contents(of: path), name: path).value
      latest = step
      evaluation = name
    }
  }

  var classes: [ClassScore] {
    guard case .array(let items)? = summary?["classes"] else { return [] }
    return items.map { item in
      ClassScore(
        name: item["name"]?.text ?? "?", iou: item["iou"]?.double, recall: item["recall"]?.double,
        precision: item["precision"]?.double, f1: item["f1"]?.double,
        pixels: item["pixels"]?.double.flatMap { Int(exactly: $0) })
    }
  }

  /// Rows truth, columns prediction; empty where it is not square.
  var confusion: [[Double]] {
    guard case .array(let rows)? = summary?["confusion"] else { return [] }
    let matrix = rows.map { row -> [Double] in
      guard case .array(let cells) = row else { return [] }
      return cells.compactMap(\.double)
    }
    return matrix.allSatisfy { $0.count == matrix.count } ? matrix : []
  }
}

extension JSONValue {
  /// A number that can be drawn.
  var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value.isFinite ? value : nil
    case .float(let value): value.isFinite ? Double(value) : nil
    default: nil
    }
  }

  var text: String? {
    if case .string(let text) = self { text } else { nil }
  }
}
