internal import SegCore

/// In which order an epoch visits the samples: a pure function of seed and epoch.
public enum EpochOrder {
  /// A permutation of `0..<count`, or these numbers themselves without `shuffle` (Fisher and
  /// Yates).
  public static func order(count: Int, seed: UInt64, epoch: Int, shuffle: Bool) -> [Int] {
    var order = Array(0..<count)
    guard shuffle, count > 1 else { return order }
    var rng = CounterRNG(
      seed: seed, stream: CounterRNG.stream("epoch order"), step: UInt64(epoch))
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, rng.integer(in: 0..<last + 1))
    }
    return order
  }
}
