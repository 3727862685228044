internal import CSegImage
public import SegCore

/// Mirrors left and right with probability `probability`; one draw.
public struct RandomFlip: Transform {
  public var probability: Double

  public init(_ probability: Double) { self.probability = probability }

  public func apply(_ sample: inout Sample, _ rng: inout CounterRNG) throws {
    guard rng.uniform() < probability else { return }
    let (height, width) = (sample.image.height, sample.image.width)
    guard height > 0, width > 0 else { return }
    si_flip_columns(&sample.image.pixels, height, width, sample.image.channels)
    si_flip_columns(&sample.label.pixels, height, width, 1)
  }
}
