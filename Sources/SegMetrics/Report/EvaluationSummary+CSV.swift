extension EvaluationSummary {
  /// The content of `per_class.csv`: one row a class; undefined scores are empty.
  public var perClassCSV: String {
    let head = [
      "index", "name", "pixels", "share", "predicted_pixels", "iou", "recall", "precision", "f1",
      "ece",
    ]
    return csv(
      [head]
        + scores.classes.map { one in
          [
            "\(one.index)", names[one.index], "\(one.pixels)", exact(share(one)),
            "\(one.predictedPixels)", exact(one.iou), exact(one.recall), exact(one.precision),
            exact(one.f1), exact(classCalibration[one.index].expectedCalibrationError),
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

  /// The content of `per_image.csv`: ``ImageTable``.
  public var perImageCSV: String { ImageTable(classNames: names, images: images).csv }

  /// The content of `reliability.csv`: ten rows of the histogram over pixels and classes (`pooled`,
  /// behind the calibration score), ten of the predicted class's (`top1`, behind the ECE), and ten of
  /// each class's own (`class:NAME`, behind the class-wise ECE).
  public var reliabilityCSV: String {
    let head = ["bin", "lower", "upper", "count", "mean_confidence", "accuracy", "histogram"]
    let histograms =
      [("pooled", pooledCalibration), ("top1", topCalibration)]
      + zip(names, classCalibration).map { ("class:\($0)", $1) }
    let rows = histograms.flatMap { name, histogram in
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
