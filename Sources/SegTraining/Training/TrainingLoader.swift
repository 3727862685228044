import SegCore
import SegData

extension BatchLoader {
  /// The batches a training run sees.
  ///
  /// - Parameters:
  ///   - size: of a training sample.
  ///   - first: number of the first batch, counted from the beginning of the run.
  /// - Throws: `Failure` `.badConfig` for a data set that does not fill one batch and for transforms that cannot be.
  convenience init(
    _ config: RunConfig, _ dataset: FileDataset, size: PixelSize, classUniform: ClassUniform?,
    first: Int = 0, onSkip: @escaping (SkippedSample) -> Void = { _ in }
  ) throws {
    // Where there is none, the loader says so.
    let perEpoch = max(1, config.training.batchesPerEpoch(samples: dataset.count))
    let options = LoaderOptions(
      batchSize: config.training.batchSize, seed: UInt64(config.seed), size: size,
      shuffle: config.training.shuffle, classUniform: classUniform,
      dropLast: config.training.dropLast,
      workers: config.data.workers, onBadSample: config.data.onBadSample,
      startEpoch: first / perEpoch, startBatch: first % perEpoch)
    try self.init(
      CachedDataset.training(dataset, config.data),
      transforms: .training(config.data, config.augment),
      normalization: Normalization(config.data), options: options, onSkip: onSkip)
  }
}
