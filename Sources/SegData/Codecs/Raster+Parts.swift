internal import CSegImage

extension Raster {
  public var size: PixelSize { PixelSize(height: height, width: width) }

  /// The rectangle of `size` with its top left corner at (`top`, `left`), which must lie inside.
  public func cropped(top: Int, left: Int, to size: PixelSize) -> Raster {
    precondition(
      top >= 0 && left >= 0 && top + size.height <= height && left + size.width <= width,
      "crop outside the picture")
    if size == PixelSize(height: height, width: width) { return self }
    let row = size.width * channels
    let part = [UInt8](unsafeUninitializedCapacity: size.height * row) { out, count in
      for y in 0..<size.height {
        let from = ((top + y) * width + left) * channels
        pixels.withUnsafeBufferPointer { source in
          _ = UnsafeMutableBufferPointer(rebasing: out[y * row..<(y + 1) * row])
            .initialize(from: source[from..<from + row])
        }
      }
      count = size.height * row
    }
    return Raster(height: size.height, width: size.width, channels: channels, pixels: part)
  }

  /// Left and right exchanged.
  public func mirrored() -> Raster {
    guard height > 0, width > 0 else { return self }
    var copy = self
    si_flip_columns(&copy.pixels, height, width, channels)
    return copy
  }
}
