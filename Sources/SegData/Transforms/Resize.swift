public import SegCore

/// Resizes image (bilinear) and label (nearest) to `size`; draws nothing.
public struct Resize: Transform {
  public var size: PixelSize
  public var method: DataConfig.Resize

  public init(_ size: PixelSize, by method: DataConfig.Resize = .pil) {
    self.size = size
    self.method = method
  }

  public func apply(_ sample: inout Sample, _ rng: inout CounterRNG) throws {
    try sample.resize(to: size, by: method)
  }
}
