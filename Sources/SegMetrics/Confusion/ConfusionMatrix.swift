public import SegCore

/// Counts of pixels by true and predicted class, the integers from which every score is derived.
///
/// Pixels whose label is the ignored value are not counted. Matrices of parts of a data set add up to
/// the matrix of the whole, exactly and in any order.
public struct ConfusionMatrix: Sendable, Equatable {
  /// Number of classes, 1 to 256.
  public let classes: Int
  /// `[classes, classes]`, row truth, column prediction.
  public private(set) var counts: [Int64]

  public init(classes: Int) {
    precondition((1...256).contains(classes), "1 to 256 classes, found \(classes)")
    self.classes = classes
    counts = Array(repeating: 0, count: classes * classes)
  }

  /// A matrix from its rows (truth), each with one count a column (prediction).
  public init(rows: [[Int64]]) {
    self.init(classes: rows.count)
    precondition(rows.allSatisfy { $0.count == rows.count }, "a square matrix")
    precondition(rows.joined().allSatisfy { $0 >= 0 }, "counts are not negative")
    counts = Array(rows.joined())
  }

  /// Pixels of class `truth` predicted as `prediction`.
  public subscript(truth truth: Int, prediction prediction: Int) -> Int64 {
    counts[truth * classes + prediction]
  }

  /// All pixels counted.
  public var total: Int64 { counts.reduce(0, +) }

  /// Pixels that truly are of class `index`.
  public func truePixels(_ index: Int) -> Int64 {
    counts[index * classes..<(index + 1) * classes].reduce(0, +)
  }

  /// Pixels predicted as class `index`.
  public func predictedPixels(_ index: Int) -> Int64 {
    (0..<classes).reduce(0) { $0 + counts[$1 * classes + index] }
  }

  /// Adds the counts of another part of the data.
  public mutating func merge(_ other: ConfusionMatrix) {
    precondition(classes == other.classes, "matrices of \(classes) and \(other.classes) classes")
    add(counts: other.counts)
  }

  /// Counts predicted classes against labels, both `[pixels]`.
  ///
  /// - Throws: `Failure` (bad data) when the lengths differ or a value is no class; nothing is then
  ///   counted.
  public mutating func add(
    prediction: Span<UInt8>, labels: Span<UInt8>, ignoreIndex: Int?, place: String = ""
  ) throws(Failure) {
    guard prediction.count == labels.count else {
      throw Failure(
        .badData, place,
        "expected as many predicted pixels as labels, found \(prediction.count) and \(labels.count)"
      )
    }
    var added = counts
    for pixel in 0..<labels.count {
      let label = Int(labels[pixel])
      if label == ignoreIndex { continue }
      guard label < classes else {
        throw Self.unknownLabel(
          label, at: pixel, count: nil, classes: classes, ignoreIndex: ignoreIndex, place: place)
      }
      let predicted = Int(prediction[pixel])
      guard predicted < classes else {
        throw Failure(
          .badData, place,
          "expected predicted classes in 0...\(classes - 1), found \(predicted) at pixel \(pixel)",
          hint: "was this prediction made with another class table?")
      }
      added[label * classes + predicted] += 1
    }
    counts = added
  }

  /// Adds `[classes, classes]` counts.
  mutating func add(counts other: [Int64]) {
    for index in counts.indices { counts[index] += other[index] }
  }

  static func unknownLabel(
    _ label: Int, at pixel: Int, count: Int64?, classes: Int, ignoreIndex: Int?, place: String
  ) -> Failure {
    let ignored = ignoreIndex.map { " or the ignored \($0)" } ?? ""
    let all = count.map { " (\($0) such pixels)" } ?? ""
    return Failure(
      .badData, place,
      "expected labels in 0...\(classes - 1)\(ignored), found \(label) at pixel \(pixel)\(all)",
      hint: "map stored values to classes with data.label_map, or set data.ignore_index")
  }
}
