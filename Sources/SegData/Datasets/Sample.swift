/// One picture and its label map, of equal size once loaded.
public struct Sample: Sendable, Equatable {
  public var image: Raster
  public var label: LabelMap
  /// The class that a random crop must show, where it was drawn for it.
  public var focus: UInt8?

  /// Of the image.
  public var size: PixelSize { PixelSize(height: image.height, width: image.width) }

  public init(image: Raster, label: LabelMap) {
    self.image = image
    self.label = label
  }

  /// Resizes image (bilinear) and label (nearest).
  mutating func resize(to size: PixelSize, by method: DataConfig.Resize) throws {
    image = try image.resized(to: size, by: method)
    label = try label.resized(to: size, by: method)
  }
}
