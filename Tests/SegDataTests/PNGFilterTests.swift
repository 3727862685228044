import SegCore
import SegData
import Testing

/// Files written here byte by byte, with every filter and kind of pixel, against the text of the standard.
@Suite struct PNGFilterTests {
  private let height = 37
  private let width = 23

  @Test(arguments: [(UInt8(0), 1), (4, 2), (2, 3), (6, 4)])
  func everyFilterIsUndone(colorType: UInt8, channels: Int) throws {
    for first in UInt8(0)..<5 {
      let rows = randomRows(channels, first)
      let file = Self.file(height, width, colorType, rows.flatMap { $0 })
      let image = try PNGImage.decode(file, name: "filters.png")
      #expect(image.samples == .bytes(Self.unfiltered(rows, channels)), "first row's is \(first)")
    }
  }

  @Test func oneColumn() throws {
    for channels in [1, 3] {
      var rows: [[UInt8]] = []
      for y in 0..<9 {
        var row = [UInt8(y % 5)]
        for c in 0..<channels { row.append(UInt8((90 * y + 7 * c) & 255)) }
        rows.append(row)
      }
      let file = Self.file(9, 1, channels == 1 ? 0 : 2, rows.flatMap { $0 })
      let image = try PNGImage.decode(file, name: "column.png")
      #expect(image.samples == .bytes(Self.unfiltered(rows, channels)))
    }
  }

  @Test func damageIsStillNoticed() throws {
    var rows = randomRows(3, 4)
    let sound = Self.file(height, width, 2, rows.flatMap { $0 })
    #expect(throws: Never.self) { try PNGImage.decode(sound, name: "a.png") }
    rows[20][0] = 5
    var broken = [Self.file(height, width, 2, rows.flatMap { $0 })]
    rows[20][0] = 4
    broken.append(Self.file(height, width, 2, rows.dropLast().flatMap { $0 }))
    for position in [60, sound.count / 2, sound.count - 20] {
      var file = sound
      file[position] ^= 1
      broken.append(file)
    }
    for count in [sound.count - 13, sound.count / 2, 40] { broken.append(Array(sound[..<count])) }
    for (index, file) in broken.enumerated() {
      let failure = #expect(throws: Failure.self, "\(index)") {
        try PNGImage.decode(file, name: "a.png")
      }
      #expect(failure?.status == .badData, "\(index)")
    }
  }

  /// Filter byte and filtered bytes of each row.
  private func randomRows(_ channels: Int, _ first: UInt8) -> [[UInt8]] {
    var rng = CounterRNG(seed: 3, stream: UInt64(channels), step: UInt64(first))
    var rows: [[UInt8]] = []
    for y in 0..<height {
      var row = [y == 0 ? first : UInt8(rng.integer(in: 0..<5))]
      for _ in 0..<width * channels { row.append(UInt8(rng.integer(in: 0..<256))) }
      rows.append(row)
    }
    return rows
  }

  static func unfiltered(_ rows: [[UInt8]], _ channels: Int) -> [UInt8] {
    var above = [UInt8](repeating: 0, count: rows[0].count - 1)
    var out: [UInt8] = []
    for row in rows {
      var now = above
      for x in now.indices {
        let a = x >= channels ? Int(now[x - channels]) : 0
        let b = Int(above[x])
        let c = x >= channels ? Int(above[x - channels]) : 0
        let toA = abs(b - c)
        let toB = abs(a - c)
        let toC = abs(a + b - 2 * c)
        let paeth = toA <= toB && toA <= toC ? a : toB <= toC ? b : c
        let guesses: [Int] = [0, a, b, (a + b) / 2, paeth]
        now[x] = UInt8((Int(row[x + 1]) + guesses[Int(row[0])]) & 255)
      }
      out += now
      above = now
    }
    return out
  }

  /// A file of stored (not compressed) data in three IDAT chunks.
  static func file(
    _ height: Int, _ width: Int, _ colorType: UInt8, _ raw: [UInt8]
  ) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01, 1]
    for length in [raw.count, ~raw.count] {
      stream.append(UInt8(length & 255))
      stream.append(UInt8((length >> 8) & 255))
    }
    var (low, high) = (1, 0)
    for byte in raw {
      low = (low + Int(byte)) % 65_521
      high = (high + low) % 65_521
    }
    stream += raw
    stream += bytes((high << 16) | low)
    let cuts = [0, 5, stream.count / 2, stream.count]
    var header = bytes(width)
    header += bytes(height)
    header += [8, colorType, 0, 0, 0]
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    file += chunk("IHDR", header)
    for (begin, end) in zip(cuts, cuts.dropFirst()) {
      file += chunk("IDAT", Array(stream[begin..<end]))
    }
    file += chunk("IEND", [])
    return file
  }

  private static func bytes(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { (shift: Int) -> UInt8 in UInt8((value >> shift) & 255) }
  }

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let content = Array(type.utf8) + data
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in content {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return bytes(data.count) + content + bytes(Int(~crc))
  }
}
