public import SegCore

/// `RandomScale` followed by `RandomCrop`, bit for bit and draw for draw, but only the cropped
/// window is ever resized.
public struct RandomScaleCrop: Transform {
  public var range: ClosedRange<Double>
  public var crop: RandomCrop
  public var method: DataConfig.Resize

  public init(
    _ range: ClosedRange<Double>, _ crop: RandomCrop, by method: DataConfig.Resize = .pil
  ) {
    self.range = range
    self.crop = crop
    self.method = method
  }

  public func apply(_ sample: inout Sample, _ rng: inout CounterRNG) throws {
    let size = RandomScale.drawSize(sample, range, &rng)
    let window = crop.drawWindow(of: size, &rng)
    sample = try crop.padded(
      sample.image.resized(to: size, window: window, by: method),
      sample.label.resized(to: size, window: window, by: method))
  }
}
