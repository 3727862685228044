/// Scores of one class; nil where a denominator is 0.
public struct ClassScores: Sendable, Equatable {
  public var index: Int
  /// True pixels: TP + FN.
  public var pixels: Int64
  /// Pixels predicted as this class: TP + FP.
  public var predictedPixels: Int64
  /// TP / (TP + FP + FN); nil for an absent class under ``AbsentClassRule/skip``.
  public var iou: Double?
  /// TP / (TP + FN).
  public var recall: Double?
  /// TP / (TP + FP).
  public var precision: Double?
  /// 2·precision·recall / (precision + recall); nil without a true positive, where that is 0/0.
  public var f1: Double?
  /// Whether the class is in the mean IoU.
  public var isScored: Bool
}
