package import SegCore
package import SegMetrics

/// Pixels of every class in every picture: true positives, false positives and false negatives.
///
/// Sums over any choice of pictures give every score of a confusion matrix that needs its diagonal and margins alone.
package struct StudyCounts: Equatable {
  static let name = "image_counts.json"

  package private(set) var classes: [String]
  package private(set) var images: [String] = []
  /// `[images, classes, 3]`.
  package private(set) var counts: [Int64] = []

  package init(classes: [String]) { self.classes = classes }

  package mutating func add(_ image: String, _ confusion: ConfusionMatrix) {
    images.append(image)
    for index in classes.indices {
      let right = confusion[truth: index, prediction: index]
      counts += [
        right, confusion.predictedPixels(index) - right, confusion.truePixels(index) - right,
      ]
    }
  }

  /// What the file holds: one row a picture, TP, FP and FN of each class in turn.
  package var json: JSONValue {
    let stride = 3 * classes.count
    return .fields([
      "classes": .array(classes.map { .string($0) }),
      "columns": .array(["tp", "fp", "fn"].map { .string($0) }),
      "images": .array(
        images.enumerated().map { index, image in
          .array(
            [.string(image)]
              + counts[index * stride..<(index + 1) * stride].map { .integer(Int($0)) })
        }),
    ])
  }

  /// - Throws: `Failure` (bad data) for a file that is not one of these.
  package init(path: String) throws(Failure) {
    let document = try JSONNode.parse(InputFile.contents(of: path), name: path).value
    guard case .array(let names)? = document["classes"], case .array(let rows)? = document["images"]
    else { throw Self.damaged(path) }
    classes = names.compactMap(\.text)
    for row in rows {
      guard case .array(let cells) = row, cells.count == 1 + 3 * classes.count,
        let image = cells[0].text
      else { throw Self.damaged(path) }
      images.append(image)
      for cell in cells.dropFirst() {
        guard case .integer(let count) = cell, count >= 0 else { throw Self.damaged(path) }
        counts.append(Int64(count))
      }
    }
  }

  private static func damaged(_ path: String) -> Failure {
    Failure(
      .badData, path, "expected pixel counts of a study, found something else",
      hint: "remove the file cell.json beside it; the study then scores the run again")
  }
}
