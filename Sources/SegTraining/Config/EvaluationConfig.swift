public import SegCore
internal import SegData
public import SegMetrics

/// Section `evaluation` of the run config.
public struct EvaluationConfig: Sendable, Equatable {
  /// At which size predictions are compared with labels.
  public enum ScoreSize: String, ConfigChoice {
    /// That of the label file.
    case original
    /// That of the network's input (`data.size` or `short_side`).
    case input

    public var help: String {
      switch self {
      case .original: "at the size of the label file"
      case .input: "at the size of the network's input"
      }
    }
  }

  /// Iterations between evaluations; the last iteration is always followed by one.
  public var interval: Int
  public var batchSize: Int
  public var scoreSize: ScoreSize
  /// The short side of pictures that are scored or predicted, the aspect kept; nil: they are of `data.size`.
  public var shortSide: Int?
  /// Windows and views; also what `predict` does unless told otherwise.
  public var testTime = TestTimeConfig()
  /// What becomes of classes without true pixels, in means.
  public var absentClasses: AbsentClassRule
  /// What S_rec is made of.
  public var recallRate: RecallScoreRate

  public init(
    interval: Int = 500, batchSize: Int = 1, scoreSize: ScoreSize = .original,
    absentClasses: AbsentClassRule = .skip, recallRate: RecallScoreRate = .recall
  ) {
    self.interval = interval
    self.batchSize = batchSize
    self.scoreSize = scoreSize
    self.absentClasses = absentClasses
    self.recallRate = recallRate
  }

  public init(_ section: ConfigSection) {
    interval = section.int(
      "interval", default: 500, in: 1...1_000_000_000,
      "Iterations between evaluations; the last one is always followed by one.")
    batchSize = section.int("batch_size", default: 1, in: 1...4096, "Images a forward pass.")
    scoreSize = section.choice(
      "score_size", default: .original, "At which size predictions are compared with labels.")
    shortSide = section.optionalInt(
      "short_side", in: PixelSize.sides,
      "Short side of pictures that are scored or predicted, the aspect kept; null: data.size.")
    testTime = TestTimeConfig(section)
    absentClasses = section.choice(
      "absent_classes", default: .skip,
      "What becomes of classes without true pixels in means over classes.")
    recallRate = section.choice(
      "s_rec", default: .recall, "What the score s_rec is the harmonic mean of.")
  }
}
