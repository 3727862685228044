/// The scores of one evaluation, with what is needed to print them and to write them to files.
public struct EvaluationSummary: Sendable, Equatable {
  /// One name a class; a class beyond the end of the names given is called `class 7`.
  public var names: [String]
  public var confusion: ConfusionMatrix
  public var scores: ConfusionScores
  /// Every pixel's probability of every class: the calibration score `cal`.
  public var pooledCalibration: CalibrationHistogram
  /// The same, one histogram a class: the class-wise calibration error.
  public var classCalibration: [CalibrationHistogram]
  /// Every pixel's probability of its predicted class: the expected calibration error.
  public var topCalibration: CalibrationHistogram
  /// The configured loss over the data set; nil where it was not computed.
  public var loss: Double?
  /// Mean cross entropy over valid pixels, in nats.
  public var crossEntropy: Double?
  /// Mean squared distance of the probabilities from the truth, 0 to 2.
  public var brierScore: Double?
  /// Pixels whose logits were not all finite; they are in no score.
  public var nonFinitePixels: Int64
  /// What S_rec is made of.
  public var recallRate: RecallScoreRate
  /// Counts of each picture, for scores of samples of the data set.
  public var images: [ImageCounts]
  /// What the Cityscapes evaluator counts; nil for other data sets.
  public var cityscapes: CityscapesEvaluation?

  public init(
    _ evaluation: Evaluation, names: [String], rule: AbsentClassRule = .skip,
    recallRate: RecallScoreRate = .recall, loss: Double? = nil, images: [ImageCounts] = [],
    cityscapes: CityscapesEvaluation? = nil
  ) {
    self.names = (0..<evaluation.classes).map { $0 < names.count ? names[$0] : "class \($0)" }
    confusion = evaluation.confusion
    scores = evaluation.confusion.scores(rule)
    pooledCalibration = evaluation.pooledCalibration
    classCalibration = evaluation.classCalibration
    topCalibration = evaluation.topCalibration
    self.loss = loss
    crossEntropy = evaluation.crossEntropy
    brierScore = evaluation.brierScore
    nonFinitePixels = evaluation.nonFinitePixels
    self.recallRate = recallRate
    self.images = images
    self.cityscapes = cityscapes
  }

  /// Equation 7 of the loss-scheduling paper, pooled over pixels and classes.
  public var calibration: Double? { pooledCalibration.calibration }
  /// Of the predicted class's probability, ten bins.
  public var expectedCalibrationError: Double? { topCalibration.expectedCalibrationError }
  /// Mean over classes of the calibration error of each one's probability, ten bins.
  public var classwiseCalibrationError: Double? {
    CalibrationHistogram.classwiseError(classCalibration)
  }
  /// Harmonic mean of calibration and pixel accuracy.
  public var accuracyScore: Double? { harmonicScore(calibration, scores.pixelAccuracy) }
  /// Harmonic mean of calibration and what ``recallRate`` says.
  public var recallScore: Double? {
    switch recallRate {
    case .recall: harmonicScore(calibration, scores.meanAccuracy)
    case .f1: harmonicScore(calibration, scores.macroF1)
    }
  }

  func names(of indices: [Int]) -> [String] { indices.map { names[$0] } }
}
