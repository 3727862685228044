package import SegCore
package import SegMetrics

/// Pixels of every class in every picture, laid out to be summed over any choice of pictures.
///
/// Such sums give every score of a confusion matrix that needs its diagonal and margins alone.
package struct PictureSums: Equatable {
  package let classes: [String]
  /// Label files' names.
  package let images: [String]
  /// `[images, classes, 3]`: true positives, false positives, false negatives.
  package let counts: [Int64]

  package init(_ table: ImageTable) {
    classes = table.classNames
    images = table.images.map(\.name)
    counts = table.images.flatMap { image in
      (0..<image.counts.classes).flatMap {
        [
          image.counts.truePositives[$0], image.counts.falsePositives[$0],
          image.counts.falseNegatives[$0],
        ]
      }
    }
  }

  /// Reads `per_image.csv` of an evaluation.
  ///
  /// - Throws: `Failure` (bad data) for a file that is not one of these.
  package init(path: String) throws(Failure) {
    self.init(try ImageTable(csv: InputFile.text(of: path), place: path))
  }
}
