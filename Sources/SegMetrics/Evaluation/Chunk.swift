internal import CSegKernels

/// The counts of one run of pixels, from one call of the kernel.
struct Chunk {
  var confusion: [Int64]
  /// `[3, bins]`: counts, hits, sums of probability in units of 2⁻³².
  var pooled = [Int64](repeating: 0, count: 3 * CalibrationHistogram.bins)
  var top = [Int64](repeating: 0, count: 3 * CalibrationHistogram.bins)
  var crossEntropy = 0.0
  var valid: Int64 = 0
  var nonFinite: Int64 = 0
  /// Pixels whose label is neither a class nor ignored, and the first of them.
  var unknown: Int64 = 0
  var firstUnknown: Int?

  /// Counts the pixels `range`; without labels they are only predicted.
  init(
    _ logits: UnsafeBufferPointer<Float>, _ labels: UnsafeBufferPointer<UInt8>?,
    _ range: Range<Int>, _ classes: Int, ignoreIndex: Int?,
    _ prediction: UnsafeMutableBufferPointer<UInt8>?,
    _ confidence: UnsafeMutableBufferPointer<Float>?
  ) {
    confusion = Array(repeating: 0, count: classes * classes)
    // No label is negative, so -1 ignores nothing; nor does a value that a byte cannot hold.
    let ignore = ignoreIndex.flatMap { UInt8(exactly: $0) }.map { Int32($0) } ?? -1
    let predicted = prediction?.baseAddress.map { $0 + range.lowerBound }
    let confident = confidence?.baseAddress.map { $0 + range.lowerBound }
    let z = logits.baseAddress.map { $0 + range.lowerBound * classes }
    let label = labels?.baseAddress.map { $0 + range.lowerBound }

    var status: Int32 = 0
    confusion.withUnsafeMutableBufferPointer { confusion in
      pooled.withUnsafeMutableBufferPointer { pooled in
        top.withUnsafeMutableBufferPointer { top in
          var counts = sk_evaluate_counts()
          counts.confusion = confusion.baseAddress
          counts.pooled = pooled.baseAddress
          counts.top = top.baseAddress
          counts.first_unknown = -1
          status = sk_evaluate(
            z, label, Int64(range.count), Int32(classes), ignore, predicted, confident, &counts)
          crossEntropy = counts.cross_entropy
          valid = counts.valid
          nonFinite = counts.nonfinite
          unknown = counts.unknown
          firstUnknown =
            counts.first_unknown < 0 ? nil : range.lowerBound + Int(counts.first_unknown)
        }
      }
    }
    precondition(status == 0, "sk_evaluate refused \(classes) classes, \(range.count) pixels")
  }
}
