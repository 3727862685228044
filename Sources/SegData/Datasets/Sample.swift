/// One picture and its label map, of equal size once loaded.
public struct Sample: Sendable, Equatable {
  public var image: Raster
  public var label: LabelMap

  public init(image: Raster, label: LabelMap) {
    self.image = image
    self.label = label
  }
}
