public import SegCore

/// Resizes both sides by one factor drawn uniformly from `range`; one draw.
public struct RandomScale: Transform {
  public var range: ClosedRange<Double>
  public var method: DataConfig.Resize

  public init(_ range: ClosedRange<Double>, by method: DataConfig.Resize = .pil) {
    self.range = range
    self.method = method
  }

  public func apply(_ sample: inout Sample, _ rng: inout CounterRNG) throws {
    let size = Self.drawSize(sample, range, &rng)
    sample.image = try sample.image.resized(to: size, by: method)
    sample.label = try sample.label.resized(to: size, by: method)
  }

  /// Both sides times the factor, rounded to the nearest pixel, at least 1.
  static func drawSize(
    _ sample: Sample, _ range: ClosedRange<Double>, _ rng: inout CounterRNG
  ) -> PixelSize {
    let factor = rng.uniform(range.lowerBound, range.upperBound)
    return PixelSize(
      height: max(1, Int((Double(sample.image.height) * factor).rounded())),
      width: max(1, Int((Double(sample.image.width) * factor).rounded())))
  }
}
