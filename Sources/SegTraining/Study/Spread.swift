/// Mean and standard deviation of a score over runs that differ in nothing but the seed.
package struct Spread: Equatable {
  /// One value a run; `nil` where the score is undefined.
  package var values: [Double?]

  package init(values: [Double?]) { self.values = values }

  /// `nil` where any run has none: a mean over the others would be of another thing.
  package var mean: Double? {
    let known = values.compactMap { $0 }
    guard !known.isEmpty, known.count == values.count else { return nil }
    return known.reduce(0, +) / Double(known.count)
  }

  /// With Bessel's correction; `nil` for a single run.
  package var deviation: Double? {
    guard let mean, values.count > 1 else { return nil }
    let squares = values.reduce(0) { $0 + (($1 ?? mean) - mean) * (($1 ?? mean) - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }
}

/// A score of a whole run that tables show.
package enum StudyScore: String, CaseIterable {
  case pixelAccuracy = "pixel_accuracy"
  case meanAccuracy = "mean_accuracy"
  case meanIoU = "mean_iou"
  case macroF1 = "macro_f1"
  case calibration = "cal"

  var title: String {
    switch self {
    case .pixelAccuracy: "pixel accuracy"
    case .meanAccuracy: "mean accuracy"
    case .meanIoU: "mean IoU"
    case .macroF1: "macro F1"
    case .calibration: "calibration"
    }
  }

  /// Shown in percent; the calibration score is no share.
  var isPercent: Bool { self != .calibration }

  /// Those that pixel counts of pictures give, so that pictures can be drawn again.
  package static let counted: [StudyScore] = [.pixelAccuracy, .meanAccuracy, .meanIoU]
}
