public import SegCore

/// Cuts out a window of `size` at a random place; pictures smaller than it are padded right and
/// below, images with `padding`, labels with `ignoreIndex`. Two draws a window: top, left
/// (`CropPlacement.swift`).
public struct RandomCrop: Transform {
  public var size: PixelSize
  public var padding: RGB
  public var ignoreIndex: UInt8
  /// The largest share of the labelled pixels that one class may have.
  public var maxClassShare: Double?

  public init(
    _ size: PixelSize, padding: RGB, ignoreIndex: UInt8, maxClassShare: Double? = nil
  ) {
    self.maxClassShare = maxClassShare
    self.size = size
    self.padding = padding
    self.ignoreIndex = ignoreIndex
  }

  public func apply(_ sample: inout Sample, _ rng: inout CounterRNG) throws {
    let whole = sample.size
    let window = try drawWindow(of: whole, sample, &rng)
    guard window.size != whole || size != whole else { return }
    let image = sample.image
    let label = sample.label
    sample = emptySample(label)
    paste(image.pixels, image.width, window.top, window.left, window.size, &sample.image.pixels, 3)
    paste(label.pixels, label.width, window.top, window.left, window.size, &sample.label.pixels, 1)
  }

  /// `image` and `label` of at most `size` at the top left of a padded sample.
  func padded(_ image: Raster, _ label: LabelMap) -> Sample {
    let part = PixelSize(height: image.height, width: image.width)
    if part == size { return Sample(image: image, label: label) }
    var sample = emptySample(label)
    paste(image.pixels, image.width, 0, 0, part, &sample.image.pixels, 3)
    paste(label.pixels, label.width, 0, 0, part, &sample.label.pixels, 1)
    return sample
  }

  private func emptySample(_ label: LabelMap) -> Sample {
    Sample(
      image: Raster(height: size.height, width: size.width, color: padding),
      label: LabelMap(
        height: size.height, width: size.width,
        pixels: [UInt8](repeating: ignoreIndex, count: size.height * size.width),
        bitDepth: label.bitDepth, palette: label.palette))
  }

  private func paste(
    _ source: [UInt8], _ width: Int, _ top: Int, _ left: Int, _ part: PixelSize,
    _ target: inout [UInt8], _ channels: Int
  ) {
    let row = part.width * channels
    for y in 0..<part.height {
      let from = ((top + y) * width + left) * channels
      let to = y * size.width * channels
      target.withUnsafeMutableBufferPointer { out in
        source.withUnsafeBufferPointer { values in
          _ = UnsafeMutableBufferPointer(rebasing: out[to..<to + row])
            .update(fromContentsOf: values[from..<from + row])
        }
      }
    }
  }
}
