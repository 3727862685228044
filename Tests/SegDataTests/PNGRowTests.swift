import SegCore
import SegData
import Testing

/// The short cuts through filters: runs of label bytes, and four rows of pixels at a time.
@Suite struct PNGRowTests {
  /// Bytes that are their guess but for one in `rarity`, which is what labels look like.
  @Test(arguments: [3, 20, 200], [1, 8, 9, 61])
  func labels(rarity: Int, width: Int) throws {
    var rng = CounterRNG(seed: 8, stream: UInt64(rarity), step: UInt64(width))
    let rows = (0..<40).map { y in
      let filter = rng.integer(in: 0..<3) == 0 ? UInt8(rng.integer(in: 0..<5)) : 4
      return [filter]
        + (0..<width).map { _ in
          rng.integer(in: 0..<rarity) == 0 ? [1, 5, 251, 255][rng.integer(in: 0..<4)] : UInt8(0)
        }
    }
    try expectDecoded(rows, channels: 1)
  }

  /// Around the width from which rows go by four, and with every number of rows left over.
  @Test(arguments: [3, 4], [true, false])
  func pixels(channels: Int, isPaeth: Bool) throws {
    for width in 8...16 {
      for height in 1...10 {
        var rng = CounterRNG(seed: 9, stream: UInt64(width), step: UInt64(height))
        let rows = (0..<height).map { _ in
          [isPaeth ? 4 : UInt8(rng.integer(in: 0..<5))]
            + (0..<width * channels).map { _ in UInt8(rng.integer(in: 0..<256)) }
        }
        try expectDecoded(rows, channels: channels)
      }
    }
  }

  private func expectDecoded(_ rows: [[UInt8]], channels: Int) throws {
    let width = (rows[0].count - 1) / channels
    let file = PNGFilterTests.file(
      rows.count, width, channels == 1 ? 0 : channels == 3 ? 2 : 6, rows.flatMap { $0 })
    let image = try PNGImage.decode(file, name: "rows.png")
    #expect(
      image.samples == .bytes(PNGFilterTests.unfiltered(rows, channels)), "\(rows.count)x\(width)")
  }
}
