internal import CSegImage
internal import SegCore

/// Pictures and label maps from PNG and JPEG files and SBD's label maps from MAT files, told apart by
/// their first bytes, whatever their names.
public enum ImageFile {
  /// Files of more pixels are refused before anything is allocated.
  public static let maximumPixels = 1 << 28

  public enum Format: String, Sendable {
    case png = "PNG"
    case jpeg = "JPEG"
    case mat = "MAT"
  }

  /// The format of `bytes` by its signature.
  ///
  /// - Throws: `Failure` `.badData` for an empty file or one of no known format.
  public static func format(of bytes: [UInt8], name: String) throws -> Format {
    guard !bytes.isEmpty else { throw Failure(.badData, name, "file is empty") }
    let signature = PNGImage.signature
    if bytes.starts(with: signature) { return .png }
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
    if bytes.starts(with: MATFile.signature) { return .mat }
    if bytes.count < signature.count, signature.starts(with: bytes) {
      throw Failure(.badData, name, "truncated PNG of \(bytes.count) bytes")
    }
    let start = bytes.prefix(8).map { hex($0) }.joined(separator: " ")
    throw Failure(.badData, name, "not a PNG or JPEG: starts with bytes \(start)")
  }

  /// Bits a sample of a PNG that can be decoded; nil for other formats.
  static func bitDepth(of bytes: [UInt8]) -> Int? {
    bytes.starts(with: PNGImage.signature) && bytes.count > 24 ? Int(bytes[24]) : nil
  }

  /// The picture at `path` as 8-bit RGB; see `decodeRaster`.
  public static func readRaster(_ path: String) throws -> Raster {
    try decodeRaster(FileBytes.read(path), name: path)
  }

  /// A picture as 8-bit RGB `[height, width, 3]`.
  ///
  /// Gray is replicated, palettes are looked up, 1, 2 and 4 bits are scaled to 8, 16 bits rounded
  /// to 8, alpha and tRNS are dropped without blending, four-ink JPEG becomes RGB. No colour
  /// profile, gamma or EXIF orientation is applied.
  public static func decodeRaster(_ bytes: [UInt8], name: String) throws -> Raster {
    switch try format(of: bytes, name: name) {
    case .png: try PNGImage.decode(bytes, name: name).raster(name: name)
    case .jpeg: try decodeJPEG(bytes, name: name)
    case .mat: throw Failure(.badData, name, "a MAT file, which is no picture")
    }
  }

  /// The label map at `path`; see `decodeLabels`.
  public static func readLabels(_ path: String) throws -> LabelMap {
    try decodeLabels(FileBytes.read(path), name: path)
  }

  /// A label map with the values as stored: palette indices or gray samples, never scaled or
  /// expanded.
  ///
  /// - Throws: `Failure` `.badData` for anything but a palette or gray PNG of up to 8 bits, or a MAT
  ///   file as SBD has them.
  public static func decodeLabels(_ bytes: [UInt8], name: String) throws -> LabelMap {
    switch try format(of: bytes, name: name) {
    case .png: return try PNGImage.decode(bytes, name: name).labelMap(name: name)
    case .mat: return try MATFile.labels(bytes, name: name)
    case .jpeg:
      throw Failure(
        .badData, name, "label is a JPEG, whose compression changes class values",
        hint: "labels are PNG files, palette or gray, one class value per pixel")
    }
  }

  /// Height and width, from the header alone but for MAT files.
  public static func size(_ path: String) throws -> (height: Int, width: Int) {
    // Nearly every header is in the first pages; a JPEG may hold a large preview before it.
    let start = try FileBytes.read(path, limit: headerBytes)
    if let size = try? size(start, name: path) { return size }
    return try size(FileBytes.read(path), name: path)
  }

  private static let headerBytes = 1 << 14

  private static func size(_ bytes: [UInt8], name path: String) throws -> (height: Int, width: Int)
  {
    switch try format(of: bytes, name: path) {
    case .png:
      let header = try PNGImage.header(bytes, name: path)
      return (header.height, header.width)
    case .jpeg: return try jpegSize(bytes, name: path)
    case .mat:
      let labels = try MATFile.labels(bytes, name: path)
      return (labels.height, labels.width)
    }
  }

  static func checkSize(width: Int, height: Int, name: String) throws {
    guard width > 0, height > 0, height <= maximumPixels / width else {
      throw Failure(
        .badData, name, "\(width)x\(height) pixels; at most \(maximumPixels) are read")
    }
  }

  private static func jpegSize(_ bytes: [UInt8], name: String) throws -> (height: Int, width: Int) {
    var width: UInt32 = 0
    var height: UInt32 = 0
    try CodecMessage.check(name, format: "JPEG", bytes: bytes.count) { message in
      bytes.withUnsafeBufferPointer {
        si_jpeg_read_size($0.baseAddress, $0.count, &width, &height, message)
      }
    }
    try checkSize(width: Int(width), height: Int(height), name: name)
    return (Int(height), Int(width))
  }

  private static func decodeJPEG(_ bytes: [UInt8], name: String) throws -> Raster {
    let (height, width) = try jpegSize(bytes, name: name)
    let count = height * width * 3
    let pixels = try [UInt8](unsafeUninitializedCapacity: count) { out, filled in
      try CodecMessage.check(name, format: "JPEG", bytes: bytes.count) { message in
        bytes.withUnsafeBufferPointer {
          si_jpeg_decode_rgb($0.baseAddress, $0.count, out.baseAddress, count, message)
        }
      }
      filled = count
    }
    return Raster(height: height, width: width, channels: 3, pixels: pixels)
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
