internal import SegCore

extension PNGImage {
  /// This picture as 8-bit RGB; see `ImageFile.decodeRaster` for what is dropped.
  func raster(name: String) throws -> Raster {
    let table: [RGB]
    switch colorType {
    case .palette: table = palette
    default:
      // 1 bit: 0, 255; 2 bits: 0, 85, 170, 255; 4 bits: 0, 17, ...
      let top = (1 << min(bitDepth, 8)) - 1
      table = (0...top).map { value in
        let level = UInt8(value * 255 / top)
        return RGB(level, level, level)
      }
    }
    let bytes: [UInt8] =
      switch samples {
      case .bytes(let bytes): bytes
      case .words(let words): words.map { UInt8((UInt32($0) * 255 + 32_767) / 65_535) }
      }
    if channels == 3 { return Raster(height: height, width: width, channels: 3, pixels: bytes) }
    if channels == 1, let highest = bytes.max(), Int(highest) >= table.count {
      throw Failure(
        .badData, name,
        "damaged PNG: palette index \(highest), but the palette has \(table.count) colours")
    }
    let pixels = [UInt8](unsafeUninitializedCapacity: height * width * 3) { out, filled in
      let step = channels
      if step == 4 {
        for i in 0..<height * width {
          for c in 0..<3 { out[3 * i + c] = bytes[4 * i + c] }
        }
      } else {
        for i in 0..<height * width {
          let color = table[Int(bytes[step * i])]
          out[3 * i] = color.red
          out[3 * i + 1] = color.green
          out[3 * i + 2] = color.blue
        }
      }
      filled = height * width * 3
    }
    return Raster(height: height, width: width, channels: 3, pixels: pixels)
  }

  /// This picture as stored class values.
  func labelMap(name: String) throws -> LabelMap {
    let expected = "a label is a palette or gray PNG of 1, 2, 4 or 8 bits"
    switch (colorType, samples) {
    case (.gray, .bytes(let bytes)), (.palette, .bytes(let bytes)):
      return LabelMap(
        height: height, width: width, pixels: bytes, bitDepth: bitDepth, palette: palette)
    case (.rgb, .bytes), (.rgba, .bytes):
      throw Failure(
        .badData, name, "label is \(kind) PNG; \(expected)",
        hint:
          "this looks like a colour picture of the classes: convert it to class indices, or use "
          + "layout \"folders\" with \"mask_encoding\": \"color\"")
    case (_, .words):
      throw Failure(
        .badData, name, "label is \(kind) PNG; \(expected)",
        hint: "16-bit files hold depth, instances or SYNTHIA labels (layouts synthia_seqs, "
          + "synthia_rand), not one class per pixel")
    case (.grayAlpha, .bytes):
      throw Failure(
        .badData, name, "label is \(kind) PNG; \(expected)",
        hint: "save it without the alpha channel")
    }
  }
}
