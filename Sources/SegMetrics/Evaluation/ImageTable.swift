public import SegCore

/// The counts of one picture of a data set.
public struct ImageCounts: Sendable, Equatable {
  /// Its place in the split.
  public var index: Int
  /// Its label file's name.
  public var name: String
  public var counts: ClassCounts

  public init(index: Int, name: String, counts: ClassCounts) {
    self.index = index
    self.name = name
    self.counts = counts
  }
}

/// The counts of every picture of an evaluation, as `per_image.csv` holds them: one row a picture, and
/// true positives, false positives and false negatives of each class as columns `tp:road`, `fp:road`,
/// `fn:road`.
public struct ImageTable: Sendable, Equatable {
  /// One a class.
  public var classNames: [String]
  /// In the order of the split; pictures that could not be read are missing.
  public var images: [ImageCounts]

  public init(classNames: [String], images: [ImageCounts]) {
    precondition(
      images.allSatisfy { $0.counts.classes == classNames.count }, "one count a class name")
    self.classNames = classNames
    self.images = images
  }

  /// The counts of all pictures together.
  public var total: ClassCounts {
    images.reduce(into: ClassCounts(classes: classNames.count)) { $0.merge($1.counts) }
  }

  /// The content of `per_image.csv`.
  public var csv: String {
    let head = ["index", "label"] + classNames.flatMap { name in Self.kinds.map { $0 + name } }
    return SegMetrics.csv(
      [head]
        + images.map { image in
          let counts = image.counts
          return ["\(image.index)", image.name]
            + (0..<counts.classes).flatMap {
              [
                "\(counts.truePositives[$0])", "\(counts.falsePositives[$0])",
                "\(counts.falseNegatives[$0])",
              ]
            }
        })
  }

  private static let kinds = ["tp:", "fp:", "fn:"]

  /// Reads what ``csv`` writes.
  ///
  /// - Parameter place: what an error names, e.g. the file.
  /// - Throws: `Failure` (bad data) for anything else, with the row.
  public init(csv text: String, place: String) throws(Failure) {
    let rows = csvRows(text)
    guard let head = rows.first, head.count > 2, head.count % 3 == 2,
      (2..<head.count).allSatisfy({ head[$0].hasPrefix(Self.kinds[($0 - 2) % 3]) })
    else {
      throw Failure(
        .badData, place,
        "expected the columns index, label and tp:NAME, fp:NAME, fn:NAME of each class",
        hint: "is this a per_image.csv that segtrain has written?")
    }
    classNames = stride(from: 2, to: head.count, by: 3).map { String(head[$0].dropFirst(3)) }
    images = []
    for (line, row) in rows.enumerated().dropFirst() {
      let numbers = row.dropFirst(2).compactMap { Int64($0) }
      guard row.count == head.count, let index = Int(row[0]), index >= 0,
        numbers.count == head.count - 2, numbers.allSatisfy({ $0 >= 0 })
      else {
        throw Failure(
          .badData, place,
          "row \(line + 1): expected an index, a name and \(head.count - 2) counts, found "
            + "\(row.count) fields, of which \(numbers.count) are whole numbers")
      }
      let columns = (0..<3).map { kind in
        stride(from: kind, to: numbers.count, by: 3).map { numbers[$0] }
      }
      images.append(
        ImageCounts(
          index: index, name: row[1],
          counts: ClassCounts(
            truePositives: columns[0], falsePositives: columns[1], falseNegatives: columns[2])))
    }
  }
}
