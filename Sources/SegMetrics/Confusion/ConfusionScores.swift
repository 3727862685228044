/// Every score that right and wrong pixels give; nil where nothing defines it.
///
/// Definitions: papers.md 2.8 (recall repository) and 3.8 (loss-scheduling repository).
public struct ConfusionScores: Sendable, Equatable {
  public var rule: AbsentClassRule
  /// Correct pixels / all pixels.
  public var pixelAccuracy: Double?
  /// Mean recall over classes with true pixels (macro recall, balanced accuracy).
  public var meanAccuracy: Double?
  /// Mean IoU over the scored classes.
  public var meanIoU: Double?
  /// Sum over classes of (true pixels / all pixels) · IoU.
  public var frequencyWeightedIoU: Double?
  /// Mean precision over the scored classes that are predicted at all.
  public var meanPrecision: Double?
  /// Mean F1 over classes with true pixels; nil when any of them has none (``classesWithoutF1``).
  public var macroF1: Double?
  /// The same mean with an undefined F1 taken as 0.
  public var macroF1ZeroFilled: Double?
  /// Number of classes in the mean IoU.
  public var classesScored: Int
  /// Classes without true pixels.
  public var absentClasses: [Int]
  /// Classes with true pixels that are never predicted.
  public var classesWithoutPrediction: [Int]
  /// Classes with true pixels but no true positive: never predicted, or never rightly.
  public var classesWithoutF1: [Int]
  /// One entry a class, in order.
  public var classes: [ClassScores]
}

extension ConfusionMatrix {
  /// All scores under `rule`.
  public func scores(_ rule: AbsentClassRule = .skip) -> ConfusionScores {
    ClassCounts(self).scores(rule)
  }
}

extension ClassCounts {
  /// All scores under `rule`.
  public func scores(_ rule: AbsentClassRule = .skip) -> ConfusionScores {
    let classes = (0..<self.classes).map { classScores($0, rule) }
    let present = classes.filter { $0.pixels > 0 }
    let scored = classes.filter(\.isScored)
    let all = Double(total)
    let right = truePositives.reduce(0, +)
    let f1 = present.map(\.f1)
    return ConfusionScores(
      rule: rule,
      pixelAccuracy: all > 0 ? Double(right) / all : nil,
      meanAccuracy: Self.mean(present.compactMap(\.recall)),
      meanIoU: Self.mean(scored.compactMap(\.iou)),
      frequencyWeightedIoU: all > 0
        ? present.reduce(0) { $0 + Double($1.pixels) / all * ($1.iou ?? 0) } : nil,
      meanPrecision: Self.mean(scored.compactMap(\.precision)),
      macroF1: f1.contains(nil) ? nil : Self.mean(f1.compactMap { $0 }),
      macroF1ZeroFilled: Self.mean(f1.map { $0 ?? 0 }),
      classesScored: scored.count,
      absentClasses: classes.filter { $0.pixels == 0 }.map(\.index),
      classesWithoutPrediction: present.filter { $0.predictedPixels == 0 }.map(\.index),
      classesWithoutF1: present.filter { $0.f1 == nil }.map(\.index),
      classes: classes)
  }

  private func classScores(_ index: Int, _ rule: AbsentClassRule) -> ClassScores {
    let right = Double(truePositives[index])
    let pixels = truePositives[index] + falseNegatives[index]
    let predicted = truePositives[index] + falsePositives[index]
    let isScored = pixels > 0 || (rule == .countFalsePositives && predicted > 0)
    let union = Double(pixels + falsePositives[index])
    return ClassScores(
      index: index, pixels: pixels, predictedPixels: predicted,
      iou: isScored ? right / union : nil,
      recall: pixels > 0 ? right / Double(pixels) : nil,
      precision: predicted > 0 ? right / Double(predicted) : nil,
      f1: right > 0 ? 2 * right / (Double(pixels) + Double(predicted)) : nil,
      isScored: isScored)
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
