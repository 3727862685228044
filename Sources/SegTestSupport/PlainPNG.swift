/// A PNG written without any library, to read files that no encoder here writes.
///
/// - Parameters:
///   - colorType: 0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGB with alpha.
///   - rows: packed samples, two bytes each (high first) at depth 16.
///   - transparency: of the chunk `tRNS`.
///   - exif: a TIFF block, before the pixels or after them.
public func plainPNG(
  width: Int, depth: Int, colorType: Int, rows: [[UInt8]], palette: [UInt8] = [],
  transparency: [UInt8] = [], exif: [UInt8] = [], exifIsLast: Bool = false
) -> [UInt8] {
  var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  func chunk(_ type: String, _ data: [UInt8]) {
    let body = Array(type.utf8) + data
    var crc: UInt32 = .max
    for byte in body {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    bytes += bigEndian(data.count) + body + bigEndian(Int(~crc))
  }
  chunk(
    "IHDR",
    bigEndian(width) + bigEndian(rows.count) + [UInt8(depth), UInt8(colorType), 0, 0, 0])
  if !exif.isEmpty, !exifIsLast { chunk("eXIf", exif) }
  if !palette.isEmpty { chunk("PLTE", palette) }
  if !transparency.isEmpty { chunk("tRNS", transparency) }
  chunk("IDAT", storedZlib(rows.flatMap { [0] + $0 }))
  if exifIsLast { chunk("eXIf", exif) }
  chunk("IEND", [])
  return bytes
}

/// SYNTHIA's way to store a class: 16-bit RGB, the class in red, the object in green.
public func synthiaPNG(_ classes: [[UInt16]], object: UInt16 = 976) -> [UInt8] {
  plainPNG(
    width: classes[0].count, depth: 16, colorType: 2,
    rows: classes.map { $0.flatMap { value in [value, object, 0].flatMap(twoBytes) } })
}

/// `value`, high byte first.
public func twoBytes(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }

/// `data` as a zlib stream of stored blocks.
public func storedZlib(_ data: [UInt8]) -> [UInt8] {
  var out: [UInt8] = [0x78, 0x01]
  var rest = data[...]
  repeat {
    let piece = rest.prefix(0xFFFF)
    rest = rest.dropFirst(piece.count)
    let size = UInt16(piece.count)
    out += [rest.isEmpty ? 1 : 0]
    for word in [size, ~size] { out += [UInt8(word & 255), UInt8(word >> 8)] }
    out += piece
  } while !rest.isEmpty
  var (a, b) = (1, 0)
  for byte in data {
    a = (a + Int(byte)) % 65521
    b = (b + a) % 65521
  }
  return out + bigEndian(b << 16 | a)
}

private func bigEndian(_ value: Int) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
}
