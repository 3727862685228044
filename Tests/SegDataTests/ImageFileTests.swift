import Foundation
import SegCore
import SegData
import SegTestSupport
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

  struct Kind: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    /// Of a row of two pixels.
    var colors: [UInt8]

    init(_ name: String, _ bytes: [UInt8], _ colors: [UInt8]) {
      testDescription = name
      self.bytes = bytes
      self.colors = colors
    }

    static func wide(_ colorType: Int, _ samples: [UInt16]) -> [UInt8] {
      plainPNG(width: 2, depth: 16, colorType: colorType, rows: [samples.flatMap(twoBytes)])
    }
  }

  /// Hidden colours stay as they are, as in Pillow's `convert("RGB")`; 16 bits are rounded, where Pillow cuts gray at 255.
  @Test(arguments: [
    Kind("1-bit gray", plainPNG(width: 2, depth: 1, colorType: 0, rows: [[0x40]]), [0, 255]),
    Kind("2-bit gray", plainPNG(width: 2, depth: 2, colorType: 0, rows: [[0x60]]), [85, 170]),
    Kind("4-bit gray", plainPNG(width: 2, depth: 4, colorType: 0, rows: [[0x3F]]), [51, 255]),
    Kind("16-bit gray", Kind.wide(0, [4095, 65_535]), [16, 255]),
    Kind("16-bit gray, halves", Kind.wide(0, [128, 129]), [0, 1]),
    Kind("16-bit gray, transparent", Kind.wide(4, [32_768, 0, 257, 65_535]), [128, 1]),
    Kind(
      "16-bit RGB", Kind.wide(2, [257, 514, 65_535, 0, 4095, 32_896]), [1, 2, 255, 0, 16, 128]),
    Kind(
      "16-bit RGB, transparent", Kind.wide(6, [257, 514, 65_535, 0, 0, 4095, 32_896, 9]),
      [1, 2, 255, 0, 16, 128]),
    Kind(
      "gray, transparent",
      plainPNG(width: 2, depth: 8, colorType: 4, rows: [[10, 0, 200, 128]]), [10, 200]),
    Kind(
      "gray with a transparent level",
      plainPNG(width: 2, depth: 8, colorType: 0, rows: [[10, 200]], transparency: [0, 10]),
      [10, 200]),
    Kind(
      "RGB, transparent",
      plainPNG(width: 2, depth: 8, colorType: 6, rows: [[1, 2, 3, 0, 4, 5, 6, 128]]),
      [1, 2, 3, 4, 5, 6]),
    Kind(
      "palette with transparency",
      plainPNG(
        width: 2, depth: 2, colorType: 3, rows: [[0x10]], palette: [9, 8, 7, 200, 100, 50],
        transparency: [0, 128]), [9, 8, 7, 200, 100, 50]),
  ])
  func picturesOfEveryKind(_ kind: Kind) throws {
    let picture = try ImageFile.decodeRaster(kind.bytes, name: "a.png")
    let colors = kind.colors.count == 6 ? kind.colors : kind.colors.flatMap { [$0, $0, $0] }
    #expect(picture.height == 1 && picture.width == 2 && picture.pixels == colors)
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
