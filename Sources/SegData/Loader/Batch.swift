/// What one training step sees.
public struct Batch: Sendable {
  /// `[N, H, W, 3]`, normalised.
  public var images: [Float]
  /// `[N, H, W]`, class indices and the ignore index.
  public var labels: [UInt8]
  public var count: Int
  public var size: PixelSize
  /// Numbers of the samples in the data set.
  public var indices: [Int]
  /// Counted from 0; the first sample's, since a batch never spans two epochs.
  public var epoch: Int
  /// Number of the batch in its epoch.
  public var index: Int
}

/// A file that was left out because of `on_bad_sample: skip`.
public struct SkippedSample: Sendable, Equatable {
  /// Number in the data set.
  public var index: Int
  public var reason: String
}
