import CSegImage
import SegCore
import SegData
import Testing

/// Both libraries that unpack PNG files, whichever is installed, agree on what is sound.
@Suite struct UnpackTests {
  private static let content = (0..<5000).map { UInt8($0 * $0 / 97 & 255) }

  /// `content` as an encoder packs it: the data of a PNG file of one row.
  private static func packed() throws -> [UInt8] {
    let raster = Raster(height: 1, width: content.count, channels: 1, pixels: content)
    let file = try PNGEncoder.encode(raster)
    var (at, stream) = (8, [UInt8]())
    while at + 12 <= file.count {
      let size = file[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
      if file[at + 4..<at + 8].elementsEqual(Array("IDAT".utf8)) {
        stream += file[at + 8..<at + 8 + size]
      }
      at += 12 + size
    }
    return stream
  }

  private static func unpack(_ stream: [UInt8], _ count: Int, byZlib: Bool) -> [UInt8]? {
    var sound: Int32 = 0
    let out = [UInt8](unsafeUninitializedCapacity: count) { out, filled in
      sound = (byZlib ? si_unpack_zlib : si_unpack)(stream, stream.count, out.baseAddress, count)
      filled = sound == 1 ? count : 0
    }
    return sound == 1 ? out : nil
  }

  @Test(arguments: [true, false])
  func soundStreamsAndNoOthers(byZlib: Bool) throws {
    let stream = try Self.packed()
    // One byte says how the row was filtered.
    let size = Self.content.count + 1
    let whole = try #require(Self.unpack(stream, size, byZlib: byZlib))
    #expect(whole == Self.unpack(stream, size, byZlib: !byZlib))
    #expect(whole[0] <= 4)
    #expect(Self.unpack(stream, size + 1, byZlib: byZlib) == nil, "too little")
    #expect(Self.unpack(stream, size - 1, byZlib: byZlib) == nil, "too much")
    #expect(Self.unpack(stream + [0], size, byZlib: byZlib) == nil, "bytes behind the end")
    #expect(Self.unpack(stream.dropLast(), size, byZlib: byZlib) == nil, "cut short")
    #expect(Self.unpack([], size, byZlib: byZlib) == nil, "nothing")
    for place in [0, stream.count / 2, stream.count - 1] {
      var damaged = stream
      damaged[place] ^= 0x11
      #expect(Self.unpack(damaged, size, byZlib: byZlib) == nil, "damaged at \(place)")
    }
  }

  @Test func checksumIsTheStandards() {
    // The check value of CRC-32.
    #expect(si_crc32(Array("123456789".utf8), 9) == 0xCBF4_3926)
    #expect(["libdeflate", "zlib"].contains(PNGImage.unpackedBy))
  }
}
