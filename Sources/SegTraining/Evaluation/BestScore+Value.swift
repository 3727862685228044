import SegMetrics

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
