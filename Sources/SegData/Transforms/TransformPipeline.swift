internal import SegCore

/// The transforms of a run in their fixed order, and the randomness of each sample.
public struct TransformPipeline: Sendable {
  public var transforms: [any Transform]

  public init(_ transforms: [any Transform]) { self.transforms = transforms }

  /// Resize to `data.size`, then colour jitter, random scale, random crop, random flip, as far as configured.
  ///
  /// Jitter comes before the crop so that padding keeps the mean colour, which normalisation turns into about 0.
  public static func training(_ data: DataConfig, _ augment: AugmentConfig) throws -> Self {
    var transforms = try evaluation(data).transforms
    if let jitter = augment.colorJitter { transforms.append(ColorJitter(jitter)) }
    let ignoreIndex = UInt8(clamping: data.ignoreIndex)
    let crop = augment.cropSize.map {
      RandomCrop($0, padding: Normalization.meanColor(data.mean), ignoreIndex: ignoreIndex)
    }
    switch (augment.scaleRange, crop) {
    case (let range?, let crop?): transforms.append(RandomScaleCrop(range, crop))
    case (let range?, nil): transforms.append(RandomScale(range))
    case (nil, let crop?): transforms.append(crop)
    case (nil, nil): break
    }
    if augment.flip > 0 { transforms.append(RandomFlip(augment.flip)) }
    return TransformPipeline(transforms)
  }

  /// Resize to `data.size` and nothing else.
  public static func evaluation(_ data: DataConfig) throws -> Self {
    TransformPipeline(data.size.map { [Resize($0)] } ?? [])
  }

  /// Applies everything to sample `index` of epoch `epoch`; a pure function of its arguments.
  public func apply(_ sample: inout Sample, seed: UInt64, index: Int, epoch: Int) throws {
    var rng = CounterRNG(seed: seed, stream: UInt64(index), step: UInt64(epoch))
    for transform in transforms { try transform.apply(&sample, &rng) }
  }
}
