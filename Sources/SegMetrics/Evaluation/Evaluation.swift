public import SegCore

/// Everything one pass over a data set's logits counts.
///
/// Give it one picture a call: counts are exact however the data is split, and the sum of cross
/// entropies is added in the order of calls, so it depends neither on threads nor on batch size.
public struct Evaluation: Sendable, Equatable {
  /// Number of classes, 1 to 256.
  public let classes: Int
  /// The label that is not counted; nil: every label is a class.
  public let ignoreIndex: Int?
  public private(set) var confusion: ConfusionMatrix
  /// Every pixel's probability of each class, one histogram a class.
  public private(set) var classCalibration: [CalibrationHistogram]
  /// Every pixel's probability of its predicted class.
  public private(set) var topCalibration = CalibrationHistogram()
  /// Sum of the cross entropy over ``validPixels``, in nats.
  public private(set) var crossEntropySum = 0.0
  /// Sum of the Brier score over ``validPixels``.
  public private(set) var brierSum = 0.0
  /// Pixels with a label that is a class and with finite logits.
  public private(set) var validPixels: Int64 = 0
  /// Pixels with a logit that is NaN or infinite, ignored ones included; they are in no other count.
  public private(set) var nonFinitePixels: Int64 = 0

  public init(classes: Int, ignoreIndex: Int?) {
    self.classes = classes
    self.ignoreIndex = ignoreIndex
    confusion = ConfusionMatrix(classes: classes)
    classCalibration = Array(repeating: CalibrationHistogram(), count: classes)
  }

  /// Every pixel's probability of every class (the scheduling paper's histogram).
  public var pooledCalibration: CalibrationHistogram {
    classCalibration.reduce(into: CalibrationHistogram()) { $0.merge($1) }
  }

  /// Mean cross entropy over valid pixels, in nats; nil without any.
  public var crossEntropy: Double? {
    validPixels > 0 ? crossEntropySum / Double(validPixels) : nil
  }

  /// Mean over valid pixels of the squared distance between the probabilities of all classes and the
  /// truth, 0 to 2 (Brier 1950); nil without any.
  public var brierScore: Double? {
    validPixels > 0 ? brierSum / Double(validPixels) : nil
  }

  /// Adds the counts of what came after.
  public mutating func merge(_ next: Evaluation) {
    precondition(ignoreIndex == next.ignoreIndex, "evaluations that ignore different labels")
    confusion.merge(next.confusion)
    for index in 0..<classes { classCalibration[index].merge(next.classCalibration[index]) }
    topCalibration.merge(next.topCalibration)
    crossEntropySum += next.crossEntropySum
    brierSum += next.brierSum
    validPixels += next.validPixels
    nonFinitePixels += next.nonFinitePixels
  }

  /// - Throws: `Failure` (diverged) when any logit so far was NaN or infinite.
  public func requireFinite(_ place: String) throws(Failure) {
    guard nonFinitePixels > 0 else { return }
    throw Failure(
      .diverged, place,
      "expected finite logits, found NaN or infinity at \(nonFinitePixels) pixels",
      hint: "training has diverged: go back to an earlier checkpoint and lower optimizer.lr")
  }

  mutating func add(_ counts: PictureCounts) {
    confusion.add(counts: counts.confusion)
    let block = counts.top.count
    for index in 0..<classes {
      classCalibration[index].add(block: counts.classwise[index * block..<(index + 1) * block])
    }
    topCalibration.add(block: counts.top[...])
    for chunk in stride(from: 0, to: counts.sums.count, by: 2) {
      crossEntropySum += counts.sums[chunk]
      brierSum += counts.sums[chunk + 1]
    }
    validPixels += counts.valid
    nonFinitePixels += counts.nonFinite
  }
}
