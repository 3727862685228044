public import SegCore

/// What becomes of a class that no true pixel has, in means over classes.
public enum AbsentClassRule: String, ConfigChoice {
  /// The class is left out of every mean, as the loss-scheduling repository does (papers.md 3.8).
  case skip
  /// The class is left out of the means of recall and F1, but one false pixel gives it an IoU and a
  /// precision of 0 that count, as the recall repository's `nanmean` does (papers.md 2.8) and, for the
  /// IoU, the Cityscapes evaluator.
  case countFalsePositives = "count_false_positives"

  /// As results name the rule: `gt_absent: skip`.
  public var label: String { "gt_absent: \(rawValue)" }

  public var help: String {
    switch self {
    case .skip: "left out of every mean, as in the loss-scheduling repository"
    case .countFalsePositives:
      "left out unless predicted, which makes IoU and precision 0, as in the recall repository and, "
        + "for the IoU, in the Cityscapes evaluator"
    }
  }
}
