public import SegCore

/// Section `evaluation` of a study: which checkpoint of a run is scored, and on what.
public struct StudyEvaluationConfig: Sendable, Equatable {
  public enum Choice: String, ConfigChoice {
    case last, best

    public var help: String {
      switch self {
      case .last: "the weights at the end of the run"
      case .best: "the run's best by the first score of checkpoint.best_by, on its validation split"
      }
    }
  }

  public var checkpoint: Choice
  /// `nil`: the run's validation split.
  public var split: String?

  public init(checkpoint: Choice = .last, split: String? = nil) {
    self.checkpoint = checkpoint
    self.split = split
  }

  public init(_ section: ConfigSection) {
    checkpoint = section.choice("checkpoint", default: .last, "Which checkpoint is scored.")
    split = section.optionalString(
      "split", "Split to score; null: data.validation of the run.")
  }
}

/// Section `bootstrap` of a study: intervals of differences, from images drawn again and again.
public struct BootstrapConfig: Sendable, Equatable {
  public var resamples: Int
  /// Share of the resamples inside the interval.
  public var confidence: Double
  public var seed: Int

  public init(resamples: Int = 2000, confidence: Double = 0.95, seed: Int = 0) {
    self.resamples = resamples
    self.confidence = confidence
    self.seed = seed
  }

  public init(_ section: ConfigSection) {
    resamples = section.int(
      "resamples", default: 2000, in: 100...1_000_000, "How often the images are drawn anew.")
    confidence = section.number(
      "confidence", default: 0.95, in: 0.5...0.999, "Share of the resamples inside an interval.")
    seed = section.int("seed", default: 0, in: 0...Int.max, "Of the drawing.")
  }
}
