public import SegCore

/// Resizes image (bilinear, antialiased) and label (nearest) to `size`; draws nothing.
public struct Resize: Transform {
  public var size: PixelSize

  public init(_ size: PixelSize) { self.size = size }

  public func apply(_ sample: inout Sample, _ rng: inout CounterRNG) throws {
    sample.image = try sample.image.resized(to: size)
    sample.label = try sample.label.resized(to: size)
  }
}
