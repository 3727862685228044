internal import SegCore

/// The size of training samples after the transforms, before any of them runs.
public enum SampleSize {
  /// `augment.crop_size`, else `data.size`, else the size of the first image.
  ///
  /// - Throws: `Failure` `.badConfig` for a random scale without a crop, whose samples have no
  ///   common size.
  public static func training(
    _ data: DataConfig, _ augment: AugmentConfig, _ dataset: any SegmentationDataset
  ) throws -> PixelSize {
    if let crop = augment.cropSize { return crop }
    if let scale = augment.scale {
      throw Failure(
        .badConfig, "augment.\(scale.key)", "random scaling gives samples of many sizes",
        hint: "set augment.crop_size too")
    }
    if let size = data.size { return size }
    guard dataset.count > 0 else { throw Failure(.badData, "data", "the training split is empty") }
    let (height, width) = try ImageFile.size(dataset.imagePath(at: 0))
    return PixelSize(height: height, width: width)
  }
}
