internal import CSegKernels
internal import SegEngine

/// The counts of one picture, from one call of the kernel.
struct PictureCounts {
  var confusion: [Int64]
  /// `[classes, 3, bins]`: counts, hits, sums of probability in units of 2⁻³².
  var classwise: [Int64]
  /// `[3, bins]` of the predicted class.
  var top = [Int64](repeating: 0, count: 3 * CalibrationHistogram.bins)
  /// `[chunks, 2]`: cross entropy and Brier score of each chunk of pixels; added in order they make the
  /// picture's.
  var sums: [Double]
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
    let block = top.count
    confusion = Array(repeating: 0, count: classes * classes)
    classwise = Array(repeating: 0, count: classes * block)
    sums = Array(repeating: 0, count: 2 * ((pixels + chunk - 1) / chunk))
    // No label is negative, so -1 ignores nothing; nor does a value that a byte cannot hold.
    let ignore = ignoreIndex.flatMap { UInt8(exactly: $0) }.map { Int32($0) } ?? -1

    // A thread's counters end one cache line before the next one's begin.
    let stride = confusion.count + classwise.count + block + 8
    let threads = pool?.threads ?? 1
    var counters = [Int64](repeating: 0, count: threads * stride)
    var totals = [sk_evaluate_counts](repeating: sk_evaluate_counts(), count: threads)
    var status: Int32 = 0
    counters.withUnsafeMutableBufferPointer { counters in
      for thread in 0..<threads {
        let own = counters.baseAddress.map { $0 + thread * stride }
        totals[thread].confusion = own
        totals[thread].classwise = own.map { $0 + classes * classes }
        totals[thread].top = own.map { $0 + classes * (classes + block) }
        totals[thread].first_unknown = -1
      }
      status = sk_evaluate_chunks(
        pool?.handle, logits.baseAddress, labels?.baseAddress, Int64(pixels), Int64(chunk),
        Int32(classes), ignore, prediction?.baseAddress, confidence?.baseAddress, &totals,
        &sums)
    }
    precondition(status == 0, "sk_evaluate_chunks refused \(classes) classes, \(pixels) pixels")

    for (thread, total) in totals.enumerated() {
      let own = counters[thread * stride..<(thread + 1) * stride]
      let histograms = own.startIndex + confusion.count
      for index in confusion.indices { confusion[index] += own[own.startIndex + index] }
      for index in classwise.indices { classwise[index] += own[histograms + index] }
      for index in top.indices { top[index] += own[histograms + classwise.count + index] }
      valid += total.valid
      nonFinite += total.nonfinite
      unknown += total.unknown
      if total.first_unknown >= 0 {
        firstUnknown = min(firstUnknown ?? .max, Int(total.first_unknown))
      }
    }
  }
}
