public import SegCore

/// `RandomScale` followed by `RandomCrop`, bit for bit and draw for draw, but only the cropped
/// window is ever resized.
public struct RandomScaleCrop: Transform {
  public var choice: RandomScale.Choice
  public var crop: RandomCrop
  public var method: DataConfig.Resize

  public init(
    _ choice: RandomScale.Choice, _ crop: RandomCrop, by method: DataConfig.Resize = .pil
  ) {
    self.choice = choice
    self.crop = crop
    self.method = method
  }

  public func apply(_ sample: inout Sample, _ rng: inout CounterRNG) throws {
    let size = choice.drawSize(of: sample.size, &rng)
    let window = try crop.drawWindow(of: size, sample, &rng, by: method)
    sample = try crop.padded(
      sample.image.resized(to: size, window: window, by: method),
      sample.label.resized(to: size, window: window, by: method))
  }
}
