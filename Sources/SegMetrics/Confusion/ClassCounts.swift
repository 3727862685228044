/// Right and wrong pixels of each class: what every score but the confusion matrix itself is made of.
///
/// Counts of pictures add up to those of a data set, exactly and in any order, so that a set can be
/// scored again from a sample of its pictures.
public struct ClassCounts: Sendable, Equatable {
  /// Pixels of the class that are predicted as it, one entry a class.
  public private(set) var truePositives: [Int64]
  /// Pixels of other classes that are predicted as it.
  public private(set) var falsePositives: [Int64]
  /// Pixels of the class that are predicted as another.
  public private(set) var falseNegatives: [Int64]

  public init(classes: Int) {
    truePositives = Array(repeating: 0, count: classes)
    falsePositives = truePositives
    falseNegatives = truePositives
  }

  public init(truePositives: [Int64], falsePositives: [Int64], falseNegatives: [Int64]) {
    let count = truePositives.count
    precondition(
      falsePositives.count == count && falseNegatives.count == count, "one count a class")
    self.truePositives = truePositives
    self.falsePositives = falsePositives
    self.falseNegatives = falseNegatives
  }

  /// The counts of a `[classes, classes]` matrix, row truth, column prediction.
  init(confusion: [Int64], classes: Int) {
    self.init(classes: classes)
    for truth in 0..<classes {
      for prediction in 0..<classes {
        let count = confusion[truth * classes + prediction]
        if truth == prediction {
          truePositives[truth] += count
        } else {
          falseNegatives[truth] += count
          falsePositives[prediction] += count
        }
      }
    }
  }

  public init(_ matrix: ConfusionMatrix) {
    self.init(confusion: matrix.counts, classes: matrix.classes)
  }

  /// Number of classes.
  public var classes: Int { truePositives.count }

  /// All pixels counted: each is right or missed once.
  public var total: Int64 { truePositives.reduce(0, +) + falseNegatives.reduce(0, +) }

  /// Adds the counts of other pictures.
  public mutating func merge(_ other: ClassCounts) {
    precondition(classes == other.classes, "counts of \(classes) and \(other.classes) classes")
    for index in 0..<classes {
      truePositives[index] += other.truePositives[index]
      falsePositives[index] += other.falsePositives[index]
      falseNegatives[index] += other.falseNegatives[index]
    }
  }
}
