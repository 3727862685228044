public import SegCore

/// `ColorJitter`, `RandomScale`, `EnlargeToCrop` and `RandomCrop` in a row, the first and the third where asked for, bit
/// for bit and draw for draw, but only what the crop shows is ever recoloured and resized.
///
/// A class in focus (`Sample.focus`) is looked for in the label before it is resized.
public struct RandomScaleCrop: Transform {
  public var choice: RandomScale.Choice
  public var crop: RandomCrop
  public var jitter: ColorJitter?
  /// Pictures smaller than the crop are enlarged instead of padded.
  public var enlarges: Bool
  public var method: DataConfig.Resize

  public init(
    _ choice: RandomScale.Choice, _ crop: RandomCrop, jitter: ColorJitter? = nil,
    enlarges: Bool = false, by method: DataConfig.Resize = .pil
  ) {
    self.choice = choice
    self.crop = crop
    self.jitter = jitter
    self.enlarges = enlarges
    self.method = method
  }

  public func apply(_ sample: inout Sample, _ rng: inout CounterRNG) throws {
    var factors = jitter?.draw(&rng)
    let scaled = choice.drawSize(of: sample.size, &rng)
    let size = enlarges ? EnlargeToCrop(crop.size, by: method).enlarged(scaled) : scaled
    if size != scaled {
      // Resized twice: every pixel counts for the second time.
      if let all = factors.take() { sample.image.adjust(all) }
      try sample.resize(to: scaled, by: method)
    }
    let window = try crop.drawWindow(of: size, sample, &rng, by: method)
    if let factors {
      sample.image.adjust(factors, within: window.source(in: sample.size, resizedTo: size))
    }
    sample = try crop.padded(
      sample.image.resized(to: size, window: window, by: method),
      sample.label.resized(to: size, window: window, by: method))
  }
}
