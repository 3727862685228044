public import SegCore

/// Section `evaluation` of the run config.
public struct EvaluationConfig: Sendable, Equatable {
  /// At which size predictions are compared with labels.
  public enum ScoreSize: String, ConfigChoice {
    /// That of the label file.
    case original
    /// That of the network's input (`data.size`).
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
  /// Windows and views; also what `predict` does unless told otherwise.
  public var testTime = TestTimeConfig()

  public init(interval: Int = 500, batchSize: Int = 1, scoreSize: ScoreSize = .original) {
    self.interval = interval
    self.batchSize = batchSize
    self.scoreSize = scoreSize
  }

  public init(_ section: ConfigSection) {
    interval = section.int(
      "interval", default: 500, in: 1...1_000_000_000,
      "Iterations between evaluations; the last one is always followed by one.")
    batchSize = section.int("batch_size", default: 1, in: 1...4096, "Images a forward pass.")
    scoreSize = section.choice(
      "score_size", default: .original, "At which size predictions are compared with labels.")
    testTime = TestTimeConfig(section)
  }
}
