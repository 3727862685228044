/// Predicted probabilities against how often they come true, in ten bins of equal width.
///
/// A sample with probability `p` falls into bin `min(Int(10·p), 9)`; the last bin includes 1. Sums of
/// probabilities are integers in units of 2⁻⁶⁰, so neither the order of samples nor the way they are
/// split among threads or batches changes a bit of the result.
public struct CalibrationHistogram: Sendable, Equatable {
  public static let bins = 10
  static let unit = 0x1p-60

  /// Samples in each bin.
  public private(set) var counts: [Int64]
  /// Samples in each bin that came true.
  public private(set) var hits: [Int64]
  /// Sum of the probabilities in each bin, in units of 2⁻⁶⁰.
  private var sums: [Int128]

  public init() {
    counts = Array(repeating: 0, count: Self.bins)
    hits = counts
    sums = Array(repeating: 0, count: Self.bins)
  }

  /// Counts one sample: a probability in 0...1, and whether it came true.
  public mutating func add(probability: Double, hit: Bool) {
    precondition((0...1).contains(probability), "a probability in 0...1, found \(probability)")
    let bin = min(Int(probability * Double(Self.bins)), Self.bins - 1)
    counts[bin] += 1
    hits[bin] += hit ? 1 : 0
    sums[bin] += Int128((probability / Self.unit).rounded(.toNearestOrEven))
  }

  /// Adds the samples of another part of the data.
  public mutating func merge(_ other: CalibrationHistogram) {
    for bin in 0..<Self.bins {
      counts[bin] += other.counts[bin]
      hits[bin] += other.hits[bin]
      sums[bin] += other.sums[bin]
    }
  }

  /// Adds a `[3, bins]` block of the kernel: counts, hits, sums of probability in units of 2⁻³².
  mutating func add(block: ArraySlice<Int64>) {
    let start = block.startIndex
    for bin in 0..<Self.bins {
      counts[bin] += block[start + bin]
      hits[bin] += block[start + Self.bins + bin]
      sums[bin] += Int128(block[start + 2 * Self.bins + bin]) << 28
    }
  }

  /// All samples.
  public var total: Int64 { counts.reduce(0, +) }

  /// Mean probability in a bin; nil where it is empty.
  public func meanProbability(_ bin: Int) -> Double? {
    counts[bin] > 0 ? Double(sums[bin]) * Self.unit / Double(counts[bin]) : nil
  }

  /// Share of a bin's samples that came true; nil where it is empty.
  public func hitRate(_ bin: Int) -> Double? {
    counts[bin] > 0 ? Double(hits[bin]) / Double(counts[bin]) : nil
  }
}
