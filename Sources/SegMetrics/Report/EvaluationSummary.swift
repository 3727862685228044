/// The scores of one evaluation, with what is needed to print them and to write them to files.
public struct EvaluationSummary: Sendable, Equatable {
  /// One name a class; a class beyond the end of the names given is called `class 7`.
  public var names: [String]
  public var confusion: ConfusionMatrix
  public var scores: ConfusionScores
  /// Every pixel's probability of every class: the calibration score `cal`.
  public var pooledCalibration: CalibrationHistogram
  /// Every pixel's probability of its predicted class: the expected calibration error.
  public var topCalibration: CalibrationHistogram
  /// The configured loss over the data set; nil where it was not computed.
  public var loss: Double?
  /// Mean cross entropy over valid pixels, in nats.
  public var crossEntropy: Double?
  /// Pixels whose logits were not all finite; they are in no score.
  public var nonFinitePixels: Int64

  public init(
    _ evaluation: Evaluation, names: [String], rule: AbsentClassRule = .skip, loss: Double? = nil
  ) {
    self.names = (0..<evaluation.classes).map { $0 < names.count ? names[$0] : "class \($0)" }
    confusion = evaluation.confusion
    scores = evaluation.confusion.scores(rule)
    pooledCalibration = evaluation.pooledCalibration
    topCalibration = evaluation.topCalibration
    self.loss = loss
    crossEntropy = evaluation.crossEntropy
    nonFinitePixels = evaluation.nonFinitePixels
  }

  /// Equation 7 of the loss-scheduling paper, pooled over pixels and classes.
  public var calibration: Double? { pooledCalibration.calibration }
  /// Of the predicted class's probability, ten bins.
  public var expectedCalibrationError: Double? { topCalibration.expectedCalibrationError }
  /// Harmonic mean of calibration and pixel accuracy.
  public var accuracyScore: Double? { harmonicScore(calibration, scores.pixelAccuracy) }
  /// Harmonic mean of calibration and mean recall.
  public var recallScore: Double? { harmonicScore(calibration, scores.meanAccuracy) }

  func names(of indices: [Int]) -> [String] { indices.map { names[$0] } }
}
