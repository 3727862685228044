public import SegCore

/// Section `checkpoint` of the run config.
public struct CheckpointConfig: Sendable, Equatable {
  /// Iterations between checkpoints; the last iteration is always followed by one.
  public var interval: Int
  /// How many of the newest are kept, beside the best ones.
  public var keep: Int
  /// Scores whose best checkpoint is kept; the first is the run's best.
  public var bestBy: [BestScore]

  public init(
    interval: Int = 500, keep: Int = 2, bestBy: [BestScore] = [BestScore(.meanIoU)]
  ) {
    self.interval = interval
    self.keep = keep
    self.bestBy = bestBy
  }

  public init(_ section: ConfigSection) {
    interval = section.int(
      "interval", default: 500, in: 1...1_000_000_000,
      "Iterations between checkpoints; the last one is always followed by one.")
    keep = section.int(
      "keep", default: 2, in: 1...1_000_000, "How many of the newest are kept, beside the best.")
    bestBy = section.value(
      "best_by", BestScore.list, default: [BestScore(.meanIoU)],
      "Scores whose best checkpoint is kept; the first is the run's best.")
  }
}

/// A score of the validation split by which checkpoints are compared; higher is better.
public struct BestScore: Sendable, Hashable {
  public enum Metric: String, Sendable, CaseIterable {
    case meanIoU = "mean_iou"
    case meanAccuracy = "mean_accuracy"
    case pixelAccuracy = "pixel_accuracy"
    case macroF1 = "macro_f1"
    /// Of one class.
    case iou
    /// Of one class.
    case recall

    var isPerClass: Bool { self == .iou || self == .recall }
  }

  public var metric: Metric
  /// For `iou` and `recall`.
  public var className: String?

  public init(_ metric: Metric, class className: String? = nil) {
    self.metric = metric
    self.className = className
  }

  /// As written in the config: `mean_iou`, `recall[road]`.
  public var name: String { className.map { "\(metric.rawValue)[\($0)]" } ?? metric.rawValue }

  /// Reads what `name` writes.
  init?(_ text: String) {
    guard let bracket = text.firstIndex(of: "[") else {
      guard let metric = Metric(rawValue: text), !metric.isPerClass else { return nil }
      self.init(metric)
      return
    }
    let inside = text[text.index(after: bracket)...]
    guard let metric = Metric(rawValue: String(text[..<bracket])), metric.isPerClass,
      inside.last == "]", inside.count > 1
    else { return nil }
    self.init(metric, class: String(inside.dropLast()))
  }
}

extension BestScore {
  fileprivate static var list: ConfigType<[BestScore]> {
    let whole = Metric.allCases.filter { !$0.isPerClass }.map(\.rawValue)
    let words = whole.map { "\"\($0)\"" }.joined(separator: ", ")
    let expected = "\(words), \"iou[class]\" or \"recall[class]\""
    let score = ConfigType<BestScore>(
      expected: expected,
      schema: [
        "anyOf": .array([
          .fields(["enum": .array(whole.map { .string($0) })]),
          .fields(["type": .string("string"), "pattern": .string("^(iou|recall)\\[.+\\]$")]),
        ])
      ],
      placeholder: BestScore(.meanIoU),
      decode: { value in
        guard case .string(let text) = value.kind else { return nil }
        if let score = BestScore(text) { return score }
        let near = NearestKey.find(text, in: whole)
        value.reject(expected, hint: near.map { "did you mean \"\($0)\"?" })
        return nil
      },
      encode: { .string($0.name) })
    var list = score.list(count: 0...16)
    let decode = list.decode
    list.decode = { value in
      guard let scores = decode(value) else { return nil }
      var seen: Set<BestScore> = []
      for score in scores where !seen.insert(score).inserted {
        value.problem("expected each score once, found \"\(score.name)\" again")
        return nil
      }
      return scores
    }
    return list
  }
}
