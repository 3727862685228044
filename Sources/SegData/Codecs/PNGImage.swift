internal import CSegImage
internal import SegCore

/// A PNG file exactly as stored: samples are neither scaled nor looked up in the palette.
public struct PNGImage: Sendable, Equatable {
  public enum ColorType: UInt8, Sendable {
    case gray = 0
    case rgb = 2
    case palette = 3
    case grayAlpha = 4
    case rgba = 6
  }

  /// `[height, width, channels]`.
  public enum Samples: Sendable, Equatable {
    /// Bit depth 1, 2, 4 or 8, one sample a byte.
    case bytes([UInt8])
    /// Bit depth 16.
    case words([UInt16])
  }

  public var height: Int
  public var width: Int
  public var bitDepth: Int
  public var colorType: ColorType
  public var isInterlaced: Bool
  /// Colours of the palette; empty unless `colorType` is `.palette`.
  public var palette: [RGB]
  public var samples: Samples

  /// Samples per pixel, 1 to 4.
  public var channels: Int { colorType.channels }

  /// What the header says, e.g. `16-bit RGB`.
  public var kind: String { "\(bitDepth)-bit \(colorType.name)" }

  /// The library that unpacks plain files: libdeflate where it is installed, else zlib, at half the speed.
  public static var unpackedBy: String { String(cString: si_unpack_library()) }

  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Decodes `bytes`; `name` is the file in error messages.
  ///
  /// - Throws: `Failure` `.badData` for a damaged or truncated file, or one above
  ///   `ImageFile.maximumPixels`.
  public static func decode(_ bytes: [UInt8], name: String) throws -> PNGImage {
    var image = try header(bytes, name: name)
    let count = image.height * image.width * image.channels
    if image.bitDepth == 16 {
      let words = try read(bytes, count: count, rows: image.height, as: UInt16.self, name: name)
      image.samples = .words(words)
    } else {
      image.samples = .bytes(
        try read(bytes, count: count, rows: image.height, as: UInt8.self, name: name))
    }
    return image
  }

  /// The header of `bytes` alone, `samples` empty.
  public static func header(_ bytes: [UInt8], name: String) throws -> PNGImage {
    var info = si_png_info()
    try CodecMessage.check(name, format: "PNG", bytes: bytes.count) { message in
      bytes.withUnsafeBufferPointer {
        si_png_read_info($0.baseAddress, $0.count, &info, message)
      }
    }
    guard let colorType = ColorType(rawValue: info.color_type) else {
      throw Failure(.badData, name, "PNG: unknown colour type \(info.color_type)")
    }
    let width = Int(info.width)
    let height = Int(info.height)
    try ImageFile.checkSize(width: width, height: height, name: name)
    let table = withUnsafeBytes(of: info.palette) { Array($0) }
    return PNGImage(
      height: height, width: width, bitDepth: Int(info.bit_depth), colorType: colorType,
      isInterlaced: info.interlaced != 0,
      palette: (0..<Int(info.palette_count)).map {
        RGB(table[3 * $0], table[3 * $0 + 1], table[3 * $0 + 2])
      },
      samples: .bytes([]))
  }

  private static func read<Sample: FixedWidthInteger>(
    _ bytes: [UInt8], count: Int, rows: Int, as: Sample.Type, name: String
  ) throws -> [Sample] {
    try [Sample](unsafeUninitializedCapacity: count + rows) { out, filled in
      try CodecMessage.check(name, format: "PNG", bytes: bytes.count) { message in
        bytes.withUnsafeBufferPointer {
          si_png_read_samples(
            $0.baseAddress, $0.count, out.baseAddress, count * MemoryLayout<Sample>.size, message)
        }
      }
      filled = count
    }
  }
}

extension PNGImage.ColorType {
  /// Samples per pixel.
  public var channels: Int {
    switch self {
    case .gray, .palette: 1
    case .grayAlpha: 2
    case .rgb: 3
    case .rgba: 4
    }
  }

  public var name: String {
    switch self {
    case .gray: "gray"
    case .rgb: "RGB"
    case .palette: "palette"
    case .grayAlpha: "gray with alpha"
    case .rgba: "RGB with alpha"
    }
  }
}
