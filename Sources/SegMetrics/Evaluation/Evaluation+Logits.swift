public import SegCore
public import SegEngine

extension Evaluation {
  /// Pixels counted together. Part of the definition of the cross entropy's order of addition, so it
  /// depends on nothing, least of all on the number of threads.
  static let chunkPixels = 16_384

  /// Counts one picture.
  ///
  /// Ties go to the class with the lowest index. A pixel with a logit that is not finite is counted in
  /// ``nonFinitePixels`` only, and predicted as class 0 with confidence 0.
  ///
  /// - Parameters:
  ///   - logits: `[pixels, classes]`, any finite value.
  ///   - labels: `[pixels]`.
  ///   - prediction: `[pixels]`, receives the predicted classes; nil: not wanted.
  ///   - confidence: `[pixels]`, receives their softmax probabilities; nil: not wanted.
  ///   - place: what an error names, e.g. the label's file.
  ///   - pool: threads to count on, with the same result for any number; nil: the calling one.
  /// - Returns: the picture's own counts by class.
  /// - Throws: `Failure` (bad data) when a label is neither a class nor ignored, or lengths differ;
  ///   nothing is then counted, and the two maps hold nothing of use.
  @discardableResult
  public mutating func add(
    logits: Span<Float>, labels: Span<UInt8>,
    prediction: UnsafeMutableBufferPointer<UInt8>? = nil,
    confidence: UnsafeMutableBufferPointer<Float>? = nil, place: String = "",
    pool: ThreadPool? = nil
  ) throws(Failure) -> ClassCounts {
    let pixels = labels.count
    try Self.check(logits.count, pixels, classes, prediction, confidence, place)
    let counts = logits.withUnsafeBufferPointer { logits in
      labels.withUnsafeBufferPointer { labels in
        PictureCounts(
          logits, labels, pixels, classes, ignoreIndex: ignoreIndex, prediction, confidence, pool)
      }
    }
    if let first = counts.firstUnknown {
      throw ConfusionMatrix.unknownLabel(
        Int(labels[first]), at: first, count: counts.unknown, classes: classes,
        ignoreIndex: ignoreIndex, place: place)
    }
    add(counts)
    return ClassCounts(confusion: counts.confusion, classes: classes)
  }

  /// Predicts one picture that has no labels; shapes as in ``add(logits:labels:prediction:confidence:place:pool:)``.
  ///
  /// - Returns: the number of pixels with a logit that is not finite.
  public static func predict(
    logits: Span<Float>, classes: Int, prediction: UnsafeMutableBufferPointer<UInt8>,
    confidence: UnsafeMutableBufferPointer<Float>? = nil, place: String = "",
    pool: ThreadPool? = nil
  ) throws(Failure) -> Int64 {
    let pixels = prediction.count
    try check(logits.count, pixels, classes, prediction, confidence, place)
    return logits.withUnsafeBufferPointer { logits in
      PictureCounts(
        logits, nil, pixels, classes, ignoreIndex: nil, prediction, confidence, pool
      ).nonFinite
    }
  }

  private static func check(
    _ logits: Int, _ pixels: Int, _ classes: Int,
    _ prediction: UnsafeMutableBufferPointer<UInt8>?,
    _ confidence: UnsafeMutableBufferPointer<Float>?, _ place: String
  ) throws(Failure) {
    precondition((1...256).contains(classes), "1 to 256 classes, found \(classes)")
    precondition(prediction.map { $0.count == pixels } ?? true, "one predicted class a pixel")
    precondition(confidence.map { $0.count == pixels } ?? true, "one confidence a pixel")
    guard logits == pixels * classes else {
      throw Failure(
        .badData, place,
        "expected \(pixels) x \(classes) = \(pixels * classes) logits, found \(logits)")
    }
  }
}
