import SegCore
import SegTestSupport
import Testing

/// Entries that a tool other than PyTorch has compressed.
@Suite struct ZipUnpackerTests {
  typealias P = PickleBytes

  /// Bits in the order of RFC 1951, section 3.1.1.
  private struct Bits {
    var bytes: [UInt8] = []
    private var count = 0

    /// - Parameter isCode: Huffman codes begin with their highest bit, numbers with the lowest.
    mutating func add(_ value: Int, _ length: Int, isCode: Bool = false) {
      for index in 0..<length {
        if count % 8 == 0 { bytes.append(0) }
        let bit = value >> (isCode ? length - 1 - index : index) & 1
        bytes[count / 8] |= UInt8(bit << (count % 8))
        count += 1
      }
    }
  }

  /// A stream of the fixed code that unpacks to 1 + 258 * `repeats` zeros, 158 times its own length.
  private static func zeros(_ repeats: Int) -> [UInt8] {
    var bits = Bits()
    bits.add(0b011, 3)
    bits.add(0b0011_0000, 8, isCode: true)
    for _ in 0..<repeats {
      bits.add(0b1100_0101, 8, isCode: true)
      bits.add(0, 5, isCode: true)
    }
    bits.add(0, 7, isCode: true)
    return bits.bytes
  }

  private static func values(_ zip: ZipBytes) throws -> [Float] {
    let folder = try TemporaryFolder()
    try AtomicFile.write(zip.bytes, to: folder["f.pth"])
    let file = try openWeightFile(folder["f.pth"])
    return try file.floats(try #require(file.entries.first)).values
  }

  private static func zip(_ count: Int, data: [UInt8] = []) -> ZipBytes {
    ZipBytes(
      pickle: P.document(
        P.dictionary([("w", P.tensor(P.storage("Float", "0", count: count), [count]))])),
      storages: [("0", data)])
  }

  /// The storage alone is compressed, or every entry.
  @Test(arguments: [1, 4]) func reads(compressed: Int) throws {
    let expected = (0..<30_000).map { Float($0) - 7 }
    var zip = Self.zip(expected.count, data: bytes(expected))
    for index in compressed == 1 ? [2] : [0, 1, 2, 3] {
      zip.entries[index] = ZipBytes.deflated(zip.entries[index])
    }
    #expect(try Self.values(zip) == expected)
  }

  private static func problem(_ zip: ZipBytes) throws -> String {
    let folder = try TemporaryFolder()
    try AtomicFile.write(zip.bytes, to: folder["f.pth"])
    let error = failure { () throws(Failure) in _ = try openWeightFile(folder["f.pth"]) }
    #expect(error.status == .badData)
    #expect(error.place == folder["f.pth"])
    return error.problem
  }

  @Test func refuses() throws {
    let good = ZipBytes.deflated(.init(name: "archive/data/0", data: bytes([1, 2, 3, 4, 5, 6])))
    func problem(_ spoil: (inout ZipBytes.Entry) -> Void) throws -> String {
      var zip = Self.zip(6)
      zip.entries[2] = good
      spoil(&zip.entries[2])
      return try Self.problem(zip)
    }
    let cases: [(problem: String, spoil: (inout ZipBytes.Entry) -> Void)] = [
      ("hold more than the 23 the directory says", { $0.unpackedSize = 23 }),
      ("expected 25 bytes, its compressed bytes hold 24", { $0.unpackedSize = 25 }),
      ("expected checksum 1, found ", { $0.checksum = 1 }),
      ("its compressed bytes end too early", { $0.data.removeLast() }),
      ("its compressed bytes: invalid stored block lengths", { $0.data[1] ^= 1 }),
      ("its compressed bytes: invalid block type", { $0.data[0] = 7 }),
      ("expected 100 bytes, found", { $0.claimedSize = 100 }),
    ]
    for (expected, spoil) in cases {
      let found = try problem(spoil)
      #expect(found.hasPrefix(#"zip entry "archive/data/0""#), "\(found)")
      #expect(found.contains(expected), "\(found)")
    }
  }

  /// The zeros are all there, so the limit and nothing else is what refuses a little more of them.
  @Test func refusesBombs() throws {
    func zip(_ repeats: Int) -> ZipBytes {
      let count = 1 + 258 * repeats
      var zip = Self.zip(count / 4)
      zip.entries[2] = .init(
        name: "archive/data/0", data: Self.zeros(repeats), method: 8, unpackedSize: count)
      return zip
    }
    // Past the limits on size; the checksum is wrong by intent, so that no tensor has to be read.
    #expect(try Self.problem(zip(4000)).contains("expected checksum 0, found"))
    #expect(
      try Self.problem(zip(5000)).contains("unpacked it would be more than 16 times as large"))
    var liar = zip(5000)
    liar.entries[2].unpackedSize = 1000
    #expect(try Self.problem(liar).contains("hold more than the 1000 the directory says"))
    var boast = zip(10)
    boast.entries[2].unpackedSize = .max
    boast.entries[2].isLarge = true
    #expect(try Self.problem(boast).contains("unpacked it would be more than 16 times as large"))
  }
}
