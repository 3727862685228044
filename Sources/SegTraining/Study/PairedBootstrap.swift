import SegCore

/// Differences between runs scored on the same pictures, with intervals over the choice of pictures.
///
/// Pictures are drawn with replacement, the same ones for all runs; the pixels of those drawn are counted together,
/// as for the split itself, and each score is computed from the sums. The interval lies between two quantiles of the
/// differences found (Efron and Tibshirani 1993, the percentile method). It tells how far the result depends on which
/// pictures were scored, and nothing about other seeds.
package struct PairedBootstrap {
  /// Of one score between two losses.
  package struct Difference: Equatable {
    /// Over the seeds both have.
    package var spread: Spread
    /// Ends of the interval; `nil` where the score is undefined.
    package var low, high: Double?

    package init(spread: Spread, low: Double?, high: Double?) {
      self.spread = spread
      self.low = low
      self.high = high
    }
  }

  private let config: BootstrapConfig
  private let scores: [StudyScore]
  /// By run: scores of the split as it is.
  private let whole: [[Double?]]
  /// By run: `[resamples, scores]`.
  private let drawn: [[Double]]

  /// - Parameter runs: counts over the same pictures and classes.
  package init(_ runs: [StudyCounts], _ config: BootstrapConfig) {
    self.config = config
    let scores = StudyScore.counted
    self.scores = scores
    let images = runs.first?.images.count ?? 0
    precondition(
      runs.allSatisfy { $0.images == runs.first?.images && $0.classes == runs.first?.classes },
      "runs scored on the same pictures")
    whole = runs.map { Self.scores(of: Self.sums($0, [Int64](repeating: 1, count: images))) }
    var drawn = [[Double]](repeating: [], count: runs.count)
    for index in runs.indices where images > 0 {
      drawn[index].reserveCapacity(config.resamples * scores.count)
    }
    for resample in 0..<(images > 0 ? config.resamples : 0) {
      let times = Self.draw(images, resample, seed: UInt64(config.seed))
      for (index, run) in runs.enumerated() {
        // A resample without any class has no score; it cannot occur where the split has labels in each picture.
        drawn[index] += Self.scores(of: Self.sums(run, times)).map { $0 ?? .nan }
      }
    }
    self.drawn = drawn
  }

  /// How often each picture is drawn: a function of the seed and the number of the resample alone.
  package static func draw(_ images: Int, _ resample: Int, seed: UInt64) -> [Int64] {
    var rng = CounterRNG(
      seed: seed, stream: CounterRNG.stream("study.bootstrap"), step: UInt64(resample))
    var times = [Int64](repeating: 0, count: images)
    for _ in 0..<images { times[rng.integer(in: 0..<images)] += 1 }
    return times
  }

  /// The mean over `pairs` of the score of the first run less that of the second.
  package func difference(_ score: StudyScore, _ pairs: [(run: Int, baseline: Int)]) -> Difference?
  {
    guard let column = scores.firstIndex(of: score), !pairs.isEmpty else { return nil }
    let spread = Spread(
      values: pairs.map { pair in
        guard let a = whole[pair.run][column], let b = whole[pair.baseline][column] else {
          return nil
        }
        return a - b
      })
    let count = drawn[pairs[0].run].count / scores.count
    let found = (0..<count).map { resample in
      pairs.reduce(0.0) { sum, pair in
        let position = resample * scores.count + column
        return sum + drawn[pair.run][position] - drawn[pair.baseline][position]
      } / Double(pairs.count)
    }.filter(\.isFinite).sorted()
    let rest = (1 - config.confidence) / 2
    return Difference(
      spread: spread, low: Self.quantile(rest, of: found), high: Self.quantile(1 - rest, of: found))
  }

  /// With linear interpolation between neighbours; `nil` for no values.
  package static func quantile(_ share: Double, of sorted: [Double]) -> Double? {
    guard !sorted.isEmpty else { return nil }
    let place = share * Double(sorted.count - 1)
    let below = min(Int(place), sorted.count - 1)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }

  /// TP, FP, FN of each class over pictures counted so many times.
  private static func sums(_ run: StudyCounts, _ times: [Int64]) -> [Int64] {
    let stride = 3 * run.classes.count
    var sums = [Int64](repeating: 0, count: stride)
    sums.withUnsafeMutableBufferPointer { sums in
      run.counts.withUnsafeBufferPointer { counts in
        for (image, factor) in times.enumerated() where factor > 0 {
          for index in 0..<stride { sums[index] &+= factor &* counts[image * stride + index] }
        }
      }
    }
    return sums
  }

  /// In the order of `StudyScore.counted`, over the classes that have true pixels.
  private static func scores(of sums: [Int64]) -> [Double?] {
    var (right, pixels, recalls, overlaps, classes) = (Int64(0), Int64(0), 0.0, 0.0, 0.0)
    for start in stride(from: 0, to: sums.count, by: 3) {
      let (tp, fp, fn) = (sums[start], sums[start + 1], sums[start + 2])
      guard tp + fn > 0 else { continue }
      right += tp
      pixels += tp + fn
      recalls += Double(tp) / Double(tp + fn)
      overlaps += Double(tp) / Double(tp + fp + fn)
      classes += 1
    }
    guard classes > 0 else { return [nil, nil, nil] }
    return [Double(right) / Double(pixels), recalls / classes, overlaps / classes]
  }
}
