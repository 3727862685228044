/// An 8-bit colour.
public struct RGB: Hashable, Sendable {
  public var red, green, blue: UInt8

  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }
}

/// A picture of 8-bit samples, `pixels` `[height, width, channels]`; three channels are red, green,
/// blue.
public struct Raster: Sendable, Equatable {
  public var height: Int
  public var width: Int
  /// 1 (gray) or 3.
  public var channels: Int
  public var pixels: [UInt8]

  public init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
    precondition(channels == 1 || channels == 3, "a raster has 1 or 3 channels, not \(channels)")
    precondition(pixels.count == height * width * channels, "raster: pixel count")
    self.height = height
    self.width = width
    self.channels = channels
    self.pixels = pixels
  }

  /// A picture of one colour, three channels.
  public init(height: Int, width: Int, color: RGB = RGB(0, 0, 0)) {
    self.init(
      height: height, width: width, channels: 3,
      pixels: [UInt8](unsafeUninitializedCapacity: height * width * 3) { buffer, count in
        for i in 0..<height * width {
          buffer[3 * i] = color.red
          buffer[3 * i + 1] = color.green
          buffer[3 * i + 2] = color.blue
        }
        count = height * width * 3
      })
  }
}

/// One value per pixel, `pixels` `[height, width]`: as stored in the file, or class indices after a
/// `LabelTable`.
public struct LabelMap: Sendable, Equatable {
  public var height: Int
  public var width: Int
  public var pixels: [UInt8]
  /// Bits per pixel in the file it came from: 1, 2, 4 or 8.
  public var bitDepth: Int
  /// Colours of the file's palette, indexed by stored value; empty for gray files.
  public var palette: [RGB]

  public init(height: Int, width: Int, pixels: [UInt8], bitDepth: Int = 8, palette: [RGB] = []) {
    precondition(pixels.count == height * width, "label map: pixel count")
    self.height = height
    self.width = width
    self.pixels = pixels
    self.bitDepth = bitDepth
    self.palette = palette
  }
}
