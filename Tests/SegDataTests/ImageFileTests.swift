import Foundation
import SegCore
import SegData
import Testing

@Suite struct ImageFileTests {
  static let gray = LabelMap(height: 4, width: 5, pixels: (0..<20).map { UInt8($0 * 7) })

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var problem: String
    var testDescription: String { name }
  }

  static let broken: [Case] = [
    Case(name: "empty", bytes: [], problem: "file is empty"),
    Case(name: "signature begun", bytes: [0x89, 0x50], problem: "truncated PNG of 2 bytes"),
    Case(
      name: "text", bytes: Array("hello world".utf8),
      problem: "not a PNG or JPEG: starts with bytes 68 65 6c 6c 6f 20 77 6f"),
    Case(
      name: "signature only", bytes: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
      problem: "truncated PNG of 8 bytes: the file ends too early"),
    Case(
      name: "JPEG start only", bytes: [0xFF, 0xD8, 0xFF],
      problem: "truncated JPEG of 3 bytes: Premature end of JPEG file"),
  ]

  @Test(arguments: broken)
  func brokenFilesAreNamed(_ test: Case) {
    let failure = #expect(throws: Failure.self) {
      try ImageFile.decodeRaster(test.bytes, name: "a.png")
    }
    #expect(failure?.status == .badData)
    #expect(failure?.place == "a.png")
    #expect(failure?.problem == test.problem)
  }

  /// Every shorter version of a good file is refused, and nothing but refused.
  @Test func everyTruncationOfAPNGIsRefused() throws {
    let bytes = try PNGEncoder.encode(Self.gray)
    #expect(try ImageFile.decodeLabels(bytes, name: "").pixels == Self.gray.pixels)
    for count in 0..<bytes.count {
      let failure = #expect(throws: Failure.self) {
        try ImageFile.decodeLabels(Array(bytes.prefix(count)), name: "cut.png")
      }
      #expect(failure?.status == .badData)
    }
  }

  /// A flipped bit is refused or changes nothing that matters; it never crashes.
  @Test func everyFlippedBitIsRefusedOrHarmless() throws {
    let bytes = try PNGEncoder.encode(Self.gray)
    for bit in 0..<8 * bytes.count {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (bit % 8)
      let label = try? ImageFile.decodeLabels(damaged, name: "bits.png")
      #expect(label == nil || label?.pixels == Self.gray.pixels)
    }
  }

  @Test func hugeHeadersAreRefusedBeforeAllocation() throws {
    // 100000 x 100000 pixels; the checksum of the header is right.
    var bytes = try PNGEncoder.encode(Self.gray)
    bytes.replaceSubrange(16..<24, with: [0, 1, 0x86, 0xA0, 0, 1, 0x86, 0xA0])
    var crc: UInt32 = .max
    for byte in bytes[12..<29] {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    bytes.replaceSubrange(
      29..<33, with: (0..<4).map { UInt8(truncatingIfNeeded: ~crc >> (24 - 8 * $0)) })
    let failure = #expect(throws: Failure.self) {
      try ImageFile.decodeRaster(bytes, name: "big.png")
    }
    #expect(failure?.problem.contains("the header promises more pixels") == true)
  }

  @Test func filesThatCannotBeOpened() throws {
    let folder = try TemporaryFolder()
    let missing = #expect(throws: Failure.self) {
      try ImageFile.readRaster("\(folder.path)/no.png")
    }
    #expect(missing == Failure(.inputMissing, "\(folder.path)/no.png", "no such file"))
    let directory = #expect(throws: Failure.self) { try ImageFile.readRaster(folder.path) }
    #expect(directory == Failure(.io, folder.path, "cannot read: is a directory"))
    let file = try folder.write([1], "file")
    let below = #expect(throws: Failure.self) { try ImageFile.readRaster("\(file)/x.png") }
    #expect(below?.status == .inputMissing)
  }

  @Test func labelsOfOtherKindsAreRefused() throws {
    let rgb = try PNGEncoder.encode(Raster(height: 2, width: 2))
    let failure = #expect(throws: Failure.self) { try ImageFile.decodeLabels(rgb, name: "l.png") }
    #expect(
      failure?.problem
        == "label is 8-bit RGB PNG; a label is a palette or gray PNG of 1, 2, 4 or 8 bits")
    #expect(failure?.hint?.contains("colour picture") == true)
  }

  @Test(
    .enabled(if: SharedData.has("png/libpng_testpngs"), "no ../shared/data"),
    arguments: [1, 2, 4, 8, 16])
  func labelsByBitDepth(_ depth: Int) throws {
    let folder = SharedData.path("png/libpng_testpngs")
    for kind in ["gray", "palette"] where !(kind == "palette" && depth == 16) {
      let path = "\(folder)/\(kind)-\(depth).png"
      guard depth < 16 else {
        let failure = #expect(throws: Failure.self) { try ImageFile.readLabels(path) }
        #expect(failure?.problem.contains("16-bit gray") == true)
        continue
      }
      let label = try ImageFile.readLabels(path)
      #expect(label.bitDepth == depth)
      #expect(label.palette.isEmpty == (kind == "gray"))
      #expect(label.pixels.allSatisfy { Int($0) < 1 << depth })
      #expect(Set(label.pixels).count > 1)
    }
    for kind in ["gray-alpha", "rgb", "rgb-alpha"] where depth >= 8 {
      let failure = #expect(throws: Failure.self) {
        try ImageFile.readLabels("\(folder)/\(kind)-\(depth).png")
      }
      #expect(failure?.problem.hasPrefix("label is \(depth)-bit") == true)
    }
  }

  @Test(.enabled(if: SharedData.has("labels/pseudo_dataset"), "no ../shared/data"))
  func fourBitPaletteLabels() throws {
    for name in try SharedData.list("labels/pseudo_dataset/gts") {
      let label = try ImageFile.readLabels(SharedData.path("labels/pseudo_dataset/gts/\(name)"))
      #expect(label.bitDepth == 4 && label.palette.count == 16)
      #expect(label.pixels.allSatisfy { $0 < 16 })
    }
  }
}
