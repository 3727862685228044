internal import CSegImage
internal import SegCore

/// PNG files of 8 bits; the same pixels give the same bytes (no time stamp, fixed settings).
public enum PNGEncoder {
  /// Gray or RGB, after the raster's channels.
  public static func encode(_ raster: Raster) throws -> [UInt8] {
    try encode(
      raster.pixels, height: raster.height, width: raster.width,
      as: raster.channels == 3 ? .rgb : .gray)
  }

  /// One byte per pixel: palette when the map has one, else gray. The bytes are the map's values,
  /// whatever the palette's length.
  ///
  /// - Throws: `Failure` `.internal` for a palette of more than 256 colours.
  public static func encode(_ labels: LabelMap) throws -> [UInt8] {
    try encode(
      labels.pixels, height: labels.height, width: labels.width,
      as: labels.palette.isEmpty ? .gray : .palette, palette: labels.palette)
  }

  /// Encodes and writes atomically; `.io` `Failure` with the system's reason.
  public static func write(_ raster: Raster, to path: String) throws {
    try FileBytes.write(encode(raster), to: path)
  }

  /// Encodes and writes atomically; `.io` `Failure` with the system's reason.
  public static func write(_ labels: LabelMap, to path: String) throws {
    try FileBytes.write(encode(labels), to: path)
  }

  private static func encode(
    _ pixels: [UInt8], height: Int, width: Int, as colorType: PNGImage.ColorType,
    palette: [RGB] = []
  ) throws -> [UInt8] {
    guard palette.count <= 256 else {
      throw Failure(.internal, "PNG", "a palette has at most 256 colours, not \(palette.count)")
    }
    // libpng refuses indices beyond the palette; label maps may hold 255 beside 11 classes.
    let highest = palette.isEmpty ? 0 : Int(pixels.max() ?? 0)
    var table = palette.flatMap { [$0.red, $0.green, $0.blue] }
    if highest >= palette.count, !palette.isEmpty {
      table += [UInt8](repeating: 0, count: 3 * (highest + 1 - palette.count))
    }
    var out: UnsafeMutablePointer<UInt8>?
    var count = 0
    defer { si_free(out) }
    try CodecMessage.check("PNG", format: "PNG", bytes: 0) { message in
      si_png_encode(
        UInt32(width), UInt32(height), Int32(colorType.rawValue), table, table.count / 3, pixels,
        &out, &count, message)
    }
    return Array(UnsafeBufferPointer(start: out, count: count))
  }
}
