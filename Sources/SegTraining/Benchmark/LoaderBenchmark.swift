public import SegCore
import SegData

/// Time of the input pipeline alone: reading, decoding, augmenting and normalising the batches of a training run, which
/// are thrown away as soon as they are there.
public struct LoaderBenchmark: Sendable {
  /// Between one batch and the next.
  let seconds: [Double]
  let images: Int
  /// Of all threads together, over all measured batches.
  let processorSeconds: Double
  let batchSize: Int
  let size: PixelSize
  let workers: Int

  /// - Parameter count: measured batches. Before them come those that are decoded ahead, and a whole epoch where
  ///   decoded samples are kept (`data.cache_mb`).
  /// - Throws: `Failure` for a data set that cannot be read.
  public init(_ config: RunConfig, count: Int) throws {
    let dataset = try FileDataset(config.data, split: config.data.train)
    size = try SampleSize.training(config.data, config.augment, dataset)
    batchSize = config.training.batchSize
    workers = config.data.workers
    let loader = try BatchLoader(
      config, dataset, size: size, classUniform: Self.classUniform(config))
    func take() throws -> Int {
      guard let batch = try loader.next() else {
        throw Failure(.internal, "data", "the loader ended")
      }
      defer { loader.recycle(batch) }
      return batch.count
    }
    let ahead = LoaderOptions.batchesInUse(workers: workers)
    let warmUp = config.data.cacheMegabytes > 0 ? max(ahead, loader.batchesPerEpoch) : ahead
    for _ in 0..<warmUp { _ = try take() }

    var seconds: [Double] = []
    var images = 0
    let processor = Pace.processorTime()
    var last = Pace.now()
    for _ in 0..<count {
      images += try take()
      let now = Pace.now()
      seconds.append(now - last)
      last = now
    }
    processorSeconds = Pace.processorTime() - processor
    (self.seconds, self.images) = (seconds, images)
  }

  private static func classUniform(_ config: RunConfig) throws -> ClassUniform? {
    let (data, share) = (config.data, config.augment.classUniform)
    guard share > 0 else { return nil }
    let inspection = try DataInspection(
      data, splits: [data.train], readImages: false, workers: data.workers)
    return ClassUniform(share: share, inspection, split: data.train)
  }

  /// Batches come in bursts, one from each worker, so that only their sum says how fast they are.
  var imagesPerSecond: Double { Double(images) / max(seconds.reduce(0, +), 1e-9) }
}

extension LoaderBenchmark {
  public var json: JSONValue {
    .fields([
      "images_per_second": .number(imagesPerSecond),
      "processor_seconds_per_image": .number(processorSeconds / Double(images)),
      "seconds_per_batch": .array(seconds.map { .number($0) }),
      "batch_size": .integer(batchSize), "height": .integer(size.height),
      "width": .integer(size.width), "workers": .integer(workers),
      "peak_rss_bytes": .integer(MemoryPlan.peakResidentBytes()),
    ])
  }

  public var text: String {
    """
    input pipeline (batches of \(batchSize), \(size), \(workers) \(workers == 1 ? "worker" : "workers")): \
    \(fixed(imagesPerSecond, 1)) images/s, \
    \(fixed(1000 * processorSeconds / Double(images), 2)) ms of the processor an image
    """
  }
}
