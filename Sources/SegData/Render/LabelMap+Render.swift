internal import SegCore

extension LabelMap {
  /// Every pixel in its class's colour.
  public func colored(_ colors: ClassColors) -> Raster {
    let table = colors.table
    let count = pixels.count
    return Raster(
      height: height, width: width, channels: 3,
      pixels: [UInt8](unsafeUninitializedCapacity: 3 * count) { out, filled in
        for i in 0..<count {
          let color = table[Int(pixels[i])]
          out[3 * i] = color.red
          out[3 * i + 1] = color.green
          out[3 * i + 2] = color.blue
        }
        filled = 3 * count
      })
  }

  /// The same values with the colours of all 256 values as palette.
  public func withPalette(_ colors: ClassColors) -> LabelMap {
    var map = self
    map.palette = colors.table
    return map
  }
}

extension Raster {
  /// `top` over this picture, `alpha` of it and `1 - alpha` of this, rounded.
  ///
  /// - Throws: `Failure` `.internal` when the sizes differ.
  public func overlaid(with top: Raster, alpha: Double = 0.5) throws -> Raster {
    guard height == top.height, width == top.width, channels == top.channels else {
      throw Failure(
        .internal, "overlay",
        "\(width)x\(height)x\(channels) and \(top.width)x\(top.height)x\(top.channels)")
    }
    let weight = Int((max(0, min(1, alpha)) * 256).rounded())
    var out = self
    for i in out.pixels.indices {
      let blend = Int(pixels[i]) * (256 - weight) + Int(top.pixels[i]) * weight
      out.pixels[i] = UInt8((blend + 128) >> 8)
    }
    return out
  }

  /// Confidences 0 to 1, `[height, width]`, as gray levels 0 to 255; what is not finite becomes 0.
  public static func confidence(_ values: [Float], height: Int, width: Int) -> Raster {
    Raster(
      height: height, width: width, channels: 1,
      pixels: values.map { $0.isFinite ? UInt8(max(0, min(1, $0)) * 255 + 0.5) : 0 })
  }
}
