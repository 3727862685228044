public import SegCore

extension EvaluationSummary {
  /// The content of `summary.json`; undefined scores are null.
  public var json: JSONValue {
    guard let cityscapes, case .object(let fields) = own else { return own }
    return .object(fields + [(key: "cityscapes", value: Self.official(cityscapes.scores))])
  }

  private var own: JSONValue {
    .fields([
      "pixel_accuracy": number(scores.pixelAccuracy),
      "mean_accuracy": number(scores.meanAccuracy),
      "mean_iou": number(scores.meanIoU),
      "frequency_weighted_iou": number(scores.frequencyWeightedIoU),
      "mean_precision": number(scores.meanPrecision),
      "macro_f1": number(scores.macroF1),
      "macro_f1_zero_filled": number(scores.macroF1ZeroFilled),
      "classes_without_prediction": list(scores.classesWithoutPrediction),
      "classes_without_f1": list(scores.classesWithoutF1),
      "classes_scored": .integer(scores.classesScored),
      "classes_absent": list(scores.absentClasses),
      "absent_class_rule": .string(scores.rule.label),
      "calibration": .fields([
        "cal": number(calibration),
        "ece": number(expectedCalibrationError),
        "classwise_ece": number(classwiseCalibrationError),
        "brier": number(brierScore),
        "nll": number(crossEntropy),
        "bins": .array(pooledCalibration.rows.map(Self.row)),
        "top1_bins": .array(topCalibration.rows.map(Self.row)),
      ]),
      "s_acc": number(accuracyScore),
      "s_rec": number(recallScore),
      "s_rec_rate": .string(recallRate.rawValue),
      "loss": number(loss),
      "cross_entropy": number(crossEntropy),
      "pixels": .integer(Int(confusion.total)),
      "non_finite_pixels": .integer(Int(nonFinitePixels)),
      "classes": .array(scores.classes.map(entry)),
      "confusion": .array(
        (0..<confusion.classes).map { truth in
          .array(
            (0..<confusion.classes).map {
              .integer(Int(confusion[truth: truth, prediction: $0]))
            })
        }),
    ])
  }

  /// The scalar scores alone, in order, as an `eval` line of `metrics.jsonl` carries them.
  public var scalars: [(key: String, value: JSONValue)] {
    [
      ("mean_iou", number(scores.meanIoU)), ("mean_accuracy", number(scores.meanAccuracy)),
      ("pixel_accuracy", number(scores.pixelAccuracy)),
      ("frequency_weighted_iou", number(scores.frequencyWeightedIoU)),
      ("mean_precision", number(scores.meanPrecision)), ("macro_f1", number(scores.macroF1)),
      ("macro_f1_zero_filled", number(scores.macroF1ZeroFilled)),
      ("classes_scored", .integer(scores.classesScored)), ("cal", number(calibration)),
      ("ece", number(expectedCalibrationError)),
      ("classwise_ece", number(classwiseCalibrationError)), ("brier", number(brierScore)),
      ("s_acc", number(accuracyScore)), ("s_rec", number(recallScore)), ("loss", number(loss)),
      ("cross_entropy", number(crossEntropy)),
    ]
      + (cityscapes.map { Self.officialMeans($0.scores) } ?? []).map { key, value in
        ("cityscapes_\(key)", value)
      }
  }

  /// The official Cityscapes scores; classes and categories that the evaluator never scores are left out.
  private static func official(_ scores: CityscapesScores) -> JSONValue {
    let categories = zip(
      CityscapesLabel.Category.allCases, zip(scores.categories, scores.categoryInstances))
    return .object(
      officialMeans(scores) + [
        (
          key: "classes",
          value: .array(
            CityscapesLabel.all.filter { !$0.isIgnored }.map { label in
              .fields([
                "name": .string(label.name), "iou": number(scores.classes[label.id]),
                "iiou": number(scores.classInstances[label.id]),
              ])
            })
        ),
        (
          key: "categories",
          value: .array(
            categories.filter { $0.0 != .void }.map { category, score in
              .fields([
                "name": .string(category.rawValue), "iou": number(score.0), "iiou": number(score.1),
              ])
            })
        ),
      ])
  }

  private static func officialMeans(_ scores: CityscapesScores) -> [(key: String, value: JSONValue)]
  {
    [
      ("iou_classes", number(scores.meanClasses)),
      ("iiou_classes", number(scores.meanClassInstances)),
      ("iou_categories", number(scores.meanCategories)),
      ("iiou_categories", number(scores.meanCategoryInstances)),
    ]
  }

  private func entry(_ one: ClassScores) -> JSONValue {
    .fields([
      "index": .integer(one.index), "name": .string(names[one.index]), "iou": number(one.iou),
      "recall": number(one.recall), "precision": number(one.precision), "f1": number(one.f1),
      "pixels": .integer(Int(one.pixels)), "predicted_pixels": .integer(Int(one.predictedPixels)),
      "ece": number(classCalibration[one.index].expectedCalibrationError),
    ])
  }

  private static func row(_ row: ReliabilityRow) -> JSONValue {
    .fields([
      "bin": .integer(row.bin), "lower": .number(row.lower), "upper": .number(row.upper),
      "count": .integer(Int(row.count)), "mean_confidence": number(row.meanConfidence),
      "accuracy": number(row.accuracy),
    ])
  }

  private func list(_ indices: [Int]) -> JSONValue {
    .array(names(of: indices).map { .string($0) })
  }

  private func number(_ value: Double?) -> JSONValue { Self.number(value) }

  private static func number(_ value: Double?) -> JSONValue {
    guard let value, value.isFinite else { return .null }
    return .number(value)
  }
}
