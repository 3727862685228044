internal import CSegImage
internal import SegCore

/// A rectangle of the resized picture.
struct Window {
  var top: Int
  var left: Int
  var size: PixelSize

  /// The rectangle of a picture of size `from` that this window of it depends on once it is resized to `full`, or
  /// somewhat more.
  func source(in from: PixelSize, resizedTo full: PixelSize) -> Window {
    func range(_ start: Int, _ length: Int, _ from: Int, _ full: Int) -> Range<Int> {
      let scale = Double(from) / Double(full)
      // A filter's reach, half a pixel to either side of its centre's, and one for roundings.
      let reach = max(1, scale) + 1.5
      let low = (Double(start) + 0.5) * scale - reach
      let high = (Double(start + length) - 0.5) * scale + reach
      return max(0, Int(low.rounded(.down)))..<min(from, Int(high.rounded(.up)))
    }
    let rows = range(top, size.height, from.height, full.height)
    let columns = range(left, size.width, from.width, full.width)
    return Window(
      top: rows.lowerBound, left: columns.lowerBound,
      size: PixelSize(height: rows.count, width: columns.count))
  }
}

extension Raster {
  /// Resized to `size`, bilinearly.
  ///
  /// `.pil` is Pillow's antialiased triangle filter (its `BILINEAR`): pixel centres at halves, support
  /// growing with the factor when shrinking. `.opencv` is OpenCV's `INTER_LINEAR`: two neighbours a
  /// side whatever the factor, bit for bit.
  public func resized(to size: PixelSize, by method: DataConfig.Resize = .pil) throws -> Raster {
    if size == PixelSize(height: height, width: width) { return self }
    return try resized(to: size, window: Window(top: 0, left: 0, size: size), by: method)
  }

  /// The part `window` of `resized(to: full)`, without computing the rest.
  func resized(to full: PixelSize, window: Window, by method: DataConfig.Resize) throws -> Raster {
    var shape = try si_resize_shape(
      from: PixelSize(height: height, width: width), to: full, window: window)
    let out = window.size
    let count = out.height * out.width * channels
    let resize = method == .pil ? si_resize_bilinear : si_resize_linear_opencv
    let resized = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      guard resize(pixels, buffer.baseAddress, channels, &shape) == 0 else {
        throw Failure(.io, "resize to \(full)", "out of memory")
      }
      filled = count
    }
    return Raster(height: out.height, width: out.width, channels: channels, pixels: resized)
  }
}

extension LabelMap {
  /// Resized to `size`: every pixel takes the value under its centre, `floor((x + 0.5) · width /
  /// size.width)`, or with `.opencv` under its corner, `floor(x · width / size.width)`.
  public func resized(to size: PixelSize, by method: DataConfig.Resize = .pil) throws -> LabelMap {
    if size == PixelSize(height: height, width: width) { return self }
    return try resized(to: size, window: Window(top: 0, left: 0, size: size), by: method)
  }

  /// The part `window` of `resized(to: full)`.
  func resized(to full: PixelSize, window: Window, by method: DataConfig.Resize) throws -> LabelMap
  {
    var shape = try si_resize_shape(
      from: PixelSize(height: height, width: width), to: full, window: window)
    let out = window.size
    let count = out.height * out.width
    let resize = method == .pil ? si_resize_nearest : si_resize_nearest_opencv
    let resized = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      guard resize(pixels, buffer.baseAddress, &shape) == 0 else {
        throw Failure(.io, "resize to \(full)", "out of memory")
      }
      filled = count
    }
    return LabelMap(
      height: out.height, width: out.width, pixels: resized, bitDepth: bitDepth, palette: palette)
  }
}

extension si_resize_shape {
  fileprivate init(from size: PixelSize, to full: PixelSize, window: Window) throws {
    guard size.height > 0, size.width > 0, full.height > 0, full.width > 0,
      full.height <= ImageFile.maximumPixels / full.width
    else { throw Failure(.badConfig, "resize", "cannot resize \(size) to \(full)") }
    precondition(
      window.top >= 0 && window.left >= 0 && window.size.height > 0 && window.size.width > 0
        && window.top + window.size.height <= full.height
        && window.left + window.size.width <= full.width, "window outside the resized picture")
    self.init(
      in_height: size.height, in_width: size.width, full_height: full.height,
      full_width: full.width, top: window.top, left: window.left, out_height: window.size.height,
      out_width: window.size.width)
  }
}
