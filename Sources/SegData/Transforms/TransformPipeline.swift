internal import SegCore

/// The transforms of a run in their fixed order, and the randomness of each sample.
public struct TransformPipeline: Sendable {
  public var transforms: [any Transform]

  public init(_ transforms: [any Transform]) { self.transforms = transforms }

  /// Resize to `data.size`, then colour jitter, random scale, random crop, random flip, as far as
  /// configured.
  ///
  /// Jitter comes before the crop so that padding keeps its colour: the mean, which normalisation turns
  /// into about 0, or black.
  ///
  /// - Throws: `Failure` `.badConfig` for sizes, factors or probabilities that cannot be.
  public static func training(_ data: DataConfig, _ augment: AugmentConfig) throws -> Self {
    try augment.check()
    var transforms = try evaluation(data).transforms
    let jitter = augment.colorJitter.map { ColorJitter($0) }
    let ignoreIndex = UInt8(clamping: data.ignoreIndex)
    let padding = augment.padding == .mean ? Normalization.meanColor(data.mean) : RGB(0, 0, 0)
    let crop = augment.cropSize.map {
      RandomCrop(
        $0, padding: padding, ignoreIndex: ignoreIndex, maxClassShare: augment.maxClassShare)
    }
    let enlarges = augment.smallImages == .enlarge
    if let choice = augment.scale, let crop {
      transforms.append(
        RandomScaleCrop(choice, crop, jitter: jitter, enlarges: enlarges, by: data.resize))
    } else {
      if let jitter { transforms.append(jitter) }
      if let choice = augment.scale { transforms.append(RandomScale(choice, by: data.resize)) }
      if let crop {
        if enlarges { transforms.append(EnlargeToCrop(crop.size, by: data.resize)) }
        transforms.append(crop)
      }
    }
    if augment.flip > 0 { transforms.append(RandomFlip(augment.flip)) }
    return TransformPipeline(transforms)
  }

  /// Resize to `data.size` and nothing else.
  public static func evaluation(_ data: DataConfig) throws -> Self {
    guard let size = data.size else { return TransformPipeline([]) }
    try size.check("data.size")
    return TransformPipeline([Resize(size, by: data.resize)])
  }

  /// Applies everything to the sample of key `index` in epoch `epoch`; a pure function of its arguments.
  public func apply(_ sample: inout Sample, seed: UInt64, index: Int, epoch: Int) throws {
    var rng = CounterRNG(seed: seed, stream: UInt64(index), step: UInt64(epoch))
    for transform in transforms { try transform.apply(&sample, &rng) }
  }
}

extension PixelSize {
  fileprivate func check(_ place: String) throws {
    guard height > 0, width > 0, height <= ImageFile.maximumPixels / width else {
      throw Failure(
        .badConfig, place,
        "expected [height, width] of at least 1 and at most \(ImageFile.maximumPixels) pixels, "
          + "found [\(height), \(width)]")
    }
  }
}

extension AugmentConfig {
  fileprivate func check() throws {
    try cropSize?.check("augment.crop_size")
    switch scale {
    case .range(let range) where range.lowerBound <= 0 || !range.upperBound.isFinite:
      throw Failure(
        .badConfig, "augment.scale_range",
        "expected factors above 0, found [\(range.lowerBound), \(range.upperBound)]")
    case .list(let factors) where factors.isEmpty || !factors.allSatisfy { $0 > 0 && $0.isFinite }:
      throw Failure(
        .badConfig, "augment.scale_list", "expected factors above 0, found \(factors)")
    case .shortSide(let range) where range.lowerBound < 1:
      throw Failure(
        .badConfig, "augment.short_side_range", "expected sides of 1 or more, found \(range)")
    default: break
    }
    if let maxClassShare, !(0...1).contains(maxClassShare) {
      throw Failure(
        .badConfig, "augment.cat_max_ratio", "expected a share from 0 to 1, found \(maxClassShare)")
    }
    guard (0...1).contains(classUniform) else {
      throw Failure(
        .badConfig, "augment.class_uniform", "expected a share from 0 to 1, found \(classUniform)")
    }
    guard (0...1).contains(flip) else {
      throw Failure(
        .badConfig, "augment.flip", "expected a probability from 0 to 1, found \(flip)")
    }
    let jitter = colorJitter ?? ColorJitterConfig()
    for strength in [jitter.brightness, jitter.contrast, jitter.saturation]
    where !(strength >= 0 && strength.isFinite) {
      throw Failure(
        .badConfig, "augment.color_jitter", "expected strengths of 0 or more, found \(strength)")
    }
  }
}
