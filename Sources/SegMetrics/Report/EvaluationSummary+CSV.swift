extension EvaluationSummary {
  /// The content of `per_class.csv`: one row a class; undefined scores are empty.
  public var perClassCSV: String {
    let head = [
      "index", "name", "pixels", "share", "predicted_pixels", "iou", "recall", "precision", "f1",
    ]
    return csv(
      [head]
        + scores.classes.map { one in
          [
            "\(one.index)", names[one.index], "\(one.pixels)", exact(share(one)),
            "\(one.predictedPixels)", exact(one.iou), exact(one.recall), exact(one.precision),
            exact(one.f1),
          ]
        })
  }

  /// The content of `confusion.csv`: one row a true class, one column a predicted class.
  public var confusionCSV: String {
    csv(
      [["truth"] + names]
        + (0..<confusion.classes).map { truth in
          [names[truth]]
            + (0..<confusion.classes).map { "\(confusion[truth: truth, prediction: $0])" }
        })
  }

  /// The content of `reliability.csv`: ten rows of the histogram over pixels and classes (`pooled`,
  /// behind the calibration score), then ten of the predicted class's (`top1`, behind the ECE).
  public var reliabilityCSV: String {
    let head = ["bin", "lower", "upper", "count", "mean_confidence", "accuracy", "histogram"]
    let rows = [("pooled", pooledCalibration), ("top1", topCalibration)].flatMap {
      name, histogram in
      histogram.rows.map { row in
        [
          "\(row.bin)", exact(row.lower), exact(row.upper), "\(row.count)",
          exact(row.meanConfidence), exact(row.accuracy), name,
        ]
      }
    }
    return csv([head] + rows)
  }

  /// A class's share of all pixels; nil without pixels.
  func share(_ one: ClassScores) -> Double? {
    confusion.total > 0 ? Double(one.pixels) / Double(confusion.total) : nil
  }
}
