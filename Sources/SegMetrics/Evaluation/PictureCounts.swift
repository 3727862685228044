internal import CSegKernels
internal import SegEngine

/// The counts of one picture, from one call of the kernel.
struct PictureCounts {
  var confusion: [Int64]
  /// `[3, bins]`: counts, hits, sums of probability in units of 2⁻³².
  var pooled = [Int64](repeating: 0, count: 3 * CalibrationHistogram.bins)
  var top = [Int64](repeating: 0, count: 3 * CalibrationHistogram.bins)
  /// Of each chunk of pixels; added in order they make the picture's.
  var crossEntropies: [Double]
  var valid: Int64 = 0
  var nonFinite: Int64 = 0
  /// Pixels whose label is neither a class nor ignored, and the first of them.
  var unknown: Int64 = 0
  var firstUnknown: Int?

  /// Counts `pixels` pixels on the threads of `pool`; without labels they are only predicted.
  init(
    _ logits: UnsafeBufferPointer<Float>, _ labels: UnsafeBufferPointer<UInt8>?, _ pixels: Int,
    _ classes: Int, ignoreIndex: Int?, _ prediction: UnsafeMutableBufferPointer<UInt8>?,
    _ confidence: UnsafeMutableBufferPointer<Float>?, _ pool: ThreadPool?
  ) {
    let chunk = Evaluation.chunkPixels
    let block = pooled.count
    confusion = Array(repeating: 0, count: classes * classes)
    crossEntropies = Array(repeating: 0, count: (pixels + chunk - 1) / chunk)
    // No label is negative, so -1 ignores nothing; nor does a value that a byte cannot hold.
    let ignore = ignoreIndex.flatMap { UInt8(exactly: $0) }.map { Int32($0) } ?? -1

    // A thread's counters end one cache line before the next one's begin.
    let stride = confusion.count + 2 * block + 8
    let threads = pool?.threads ?? 1
    var counters = [Int64](repeating: 0, count: threads * stride)
    var totals = [sk_evaluate_counts](repeating: sk_evaluate_counts(), count: threads)
    var status: Int32 = 0
    counters.withUnsafeMutableBufferPointer { counters in
      for thread in 0..<threads {
        let own = counters.baseAddress.map { $0 + thread * stride }
        totals[thread].confusion = own
        totals[thread].pooled = own.map { $0 + classes * classes }
        totals[thread].top = own.map { $0 + classes * classes + block }
        totals[thread].first_unknown = -1
      }
      status = sk_evaluate_chunks(
        pool?.handle, logits.baseAddress, labels?.baseAddress, Int64(pixels), Int64(chunk),
        Int32(classes), ignore, prediction?.baseAddress, confidence?.baseAddress, &totals,
        &crossEntropies)
    }
    precondition(status == 0, "sk_evaluate_chunks refused \(classes) classes, \(pixels) pixels")

    for (thread, total) in totals.enumerated() {
      let own = counters[thread * stride..<(thread + 1) * stride]
      let pool = own.startIndex + confusion.count
      for index in confusion.indices { confusion[index] += own[own.startIndex + index] }
      for index in 0..<block { pooled[index] += own[pool + index] }
      for index in 0..<block { top[index] += own[pool + block + index] }
      valid += total.valid
      nonFinite += total.nonfinite
      unknown += total.unknown
      if total.first_unknown >= 0 {
        firstUnknown = min(firstUnknown ?? .max, Int(total.first_unknown))
      }
    }
  }
}
