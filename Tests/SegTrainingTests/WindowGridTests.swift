import SegTraining
import Testing

@Suite struct WindowGridTests {
  static let cases: [(whole: Int, window: Int?, overlap: Double)] = [
    (1, nil, 0.25), (100, nil, 0.25), (100, 100, 0.5), (100, 200, 0.5), (100, 30, 0),
    (100, 30, 0.25),
    (101, 30, 0.5), (97, 32, 0.9), (5, 1, 0.9), (2048, 769, 1.0 / 3),
  ]

  @Test(arguments: cases)
  func coversEveryPixelAndSharesAddUp(_ whole: Int, _ window: Int?, _ overlap: Double) {
    let axis = WindowAxis(whole: whole, window: window, overlap: overlap)
    #expect(axis.length == min(whole, window ?? whole))
    #expect(axis.starts.first == 0)
    #expect(axis.starts.last == whole - axis.length)
    var sums = [Double](repeating: 0, count: whole)
    for (start, shares) in zip(axis.starts, axis.shares) {
      for (i, share) in shares.enumerated() { sums[start + i] += Double(share) }
    }
    for sum in sums { #expect(abs(sum - 1) < 1e-6) }
    for (a, b) in zip(axis.starts, axis.starts.dropFirst()) {
      #expect(b > a)
      // The whole pixels of the share, or one less for a window that cannot be moved by part of one.
      #expect(a + axis.length - b >= Int(overlap * Double(axis.length) - 1e-9))
    }
  }

  /// One window alone is the picture: the share is 1, to the bit.
  @Test func oneWindowCountsWhole() {
    #expect(
      WindowAxis(whole: 77, window: nil, overlap: 0.3).shares == [[Float](repeating: 1, count: 77)])
  }
}
