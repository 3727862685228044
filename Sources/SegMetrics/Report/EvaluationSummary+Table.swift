extension EvaluationSummary {
  /// The scores as text: one line a class, the means, and what is undefined and why.
  ///
  /// Rates are percentages; `–` is undefined. Names give way when a line would be wider than `width`
  /// characters, down to eight of them.
  ///
  /// - Parameter color: marks the heading and the weakest class with terminal escape codes.
  public func table(width: Int = 100, color: Bool = false) -> String {
    let head = ["class", "pixels", "share", "IoU", "recall", "precision", "F1"]
    let rows = scores.classes.map { one in
      [
        names[one.index].printable, "\(one.pixels)", percent(share(one)), percent(one.iou),
        percent(one.recall), percent(one.precision), percent(one.f1),
      ]
    }
    let mean = [
      "mean", "\(confusion.total)", "", percent(scores.meanIoU), percent(scores.meanAccuracy),
      percent(scores.meanPrecision), percent(scores.macroF1),
    ]
    let lines = Self.aligned([head] + rows + [mean], width: width)
    let rule = String(repeating: "-", count: lines[0].count)
    let worst = scores.classes.filter(\.isScored).min { ($0.iou ?? 1) < ($1.iou ?? 1) }
    var out = [color ? "\u{1B}[1m\(lines[0])\u{1B}[0m" : lines[0], rule]
    for (index, line) in lines[1...rows.count].enumerated() {
      out.append(color && index == worst?.index ? "\u{1B}[33m\(line)\u{1B}[0m" : line)
    }
    out += [rule, lines[rows.count + 1], ""] + totals + notes
    return out.joined(separator: "\n") + "\n"
  }

  private var totals: [String] {
    let left = [
      ("pixel accuracy", percent(scores.pixelAccuracy)),
      ("mean accuracy", percent(scores.meanAccuracy)), ("mean IoU", percent(scores.meanIoU)),
      ("freq. weighted IoU", percent(scores.frequencyWeightedIoU)),
      ("cross entropy", fixed(crossEntropy, 4)), ("Brier score", fixed(brierScore, 4)),
    ]
    let right = [
      ("calibration", fixed(calibration, 4)), ("ECE (10 bins)", fixed(expectedCalibrationError, 4)),
      ("class-wise ECE", fixed(classwiseCalibrationError, 4)),
      ("S_acc", fixed(accuracyScore, 4)),
      (recallRate == .recall ? "S_rec" : "S_rec (of F1)", fixed(recallScore, 4)),
      ("loss", fixed(loss, 4)),
    ]
    let lines = zip(left, right).map { left, right in
      left.0.padded(to: 20, right: false) + left.1.padded(to: 7, right: true) + "    "
        + right.0.padded(to: 14, right: false) + right.1.padded(to: 9, right: true)
    }
    return lines + (cityscapes.map { Self.official($0.scores) } ?? [])
  }

  private static func official(_ scores: CityscapesScores) -> [String] {
    [
      "Cityscapes classes     IoU \(percent(scores.meanClasses))"
        + "  iIoU \(percent(scores.meanClassInstances))",
      "Cityscapes categories  IoU \(percent(scores.meanCategories))"
        + "  iIoU \(percent(scores.meanCategoryInstances))",
    ]
  }

  /// What a reader of the means must know: which classes are missing from them, and why.
  private var notes: [String] {
    var notes = [
      "\(scores.classesScored) of \(confusion.classes) classes scored (\(scores.rule.label))"
        + Self.naming(names(of: scores.absentClasses), before: "; without true pixels: ")
    ]
    if !scores.classesWithoutF1.isEmpty {
      notes.append(
        "macro F1 undefined, zero-filled \(percent(scores.macroF1ZeroFilled)); no true positive: "
          + Self.naming(names(of: scores.classesWithoutF1), before: ""))
    }
    if !scores.classesWithoutPrediction.isEmpty {
      notes.append(
        "never predicted: "
          + Self.naming(names(of: scores.classesWithoutPrediction), before: ""))
    }
    if nonFinitePixels > 0 {
      notes.append("NaN or infinite logits at \(nonFinitePixels) pixels, which are not counted")
    }
    return notes
  }

  private static func naming(_ names: [String], before: String) -> String {
    names.isEmpty ? "" : before + names.map(\.printable).joined(separator: ", ")
  }

  /// Rows of cells as lines of equal width: the first column to the left, the others to the right.
  private static func aligned(_ rows: [[String]], width: Int) -> [String] {
    var widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let numbers = widths.dropFirst().reduce(0) { $0 + $1 + 2 }
    widths[0] = min(widths[0], max(8, width - numbers))
    return rows.map { row in
      row.indices.map { column in
        row[column].shortened(to: widths[column]).padded(to: widths[column], right: column > 0)
      }.joined(separator: "  ")
    }
  }
}

extension String {
  /// The text on one line: control characters are replaced by blanks.
  fileprivate var printable: String {
    var out = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      out.append(isControl ? " " : scalar)
    }
    return String(out)
  }
}
