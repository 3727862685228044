public import SegCore

/// Resizes both sides by one factor drawn at random; one draw.
public struct RandomScale: Transform {
  /// What the factor is drawn from.
  public enum Choice: Sendable, Equatable {
    /// Uniformly; sides are rounded to the nearest pixel.
    case range(ClosedRange<Double>)
    /// One of these, all equally often; sides are rounded down (recall-semseg's Cityscapes loader).
    case list([Double])
    /// The factor that makes the short side a whole number of pixels, drawn uniformly, ends included; the long side
    /// is rounded down (torchvision's reference scripts, loss-scheduling).
    case shortSide(ClosedRange<Int>)
  }

  public var choice: Choice
  public var method: DataConfig.Resize

  public init(_ choice: Choice, by method: DataConfig.Resize = .pil) {
    self.choice = choice
    self.method = method
  }

  public func apply(_ sample: inout Sample, _ rng: inout CounterRNG) throws {
    try sample.resize(to: choice.drawSize(of: sample.size, &rng), by: method)
  }
}

extension RandomScale.Choice {
  /// Both sides times the factor, at least 1.
  func drawSize(of size: PixelSize, _ rng: inout CounterRNG) -> PixelSize {
    func scaled(_ factor: Double, _ rule: FloatingPointRoundingRule) -> PixelSize {
      PixelSize(
        height: max(1, Int((Double(size.height) * factor).rounded(rule))),
        width: max(1, Int((Double(size.width) * factor).rounded(rule))))
    }
    switch self {
    case .range(let range):
      return scaled(rng.uniform(range.lowerBound, range.upperBound), .toNearestOrAwayFromZero)
    case .list(let factors):
      return scaled(factors[rng.integer(in: 0..<factors.count)], .down)
    case .shortSide(let range):
      return size.scaled(toShortSide: rng.integer(in: Range(range)))
    }
  }
}
