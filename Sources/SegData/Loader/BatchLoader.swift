internal import SegCore
import Synchronization

/// Training batches in an order fixed by the seed, decoded ahead by worker threads.
///
/// Order, augmentation and replacement of bad samples are pure functions of (seed, epoch, batch),
/// so the bytes are the same for any number of workers and after any restart. Not for use from two
/// threads at once.
public final class BatchLoader {
  public let batchesPerEpoch: Int
  /// Seconds the last `next` waited for its batch.
  public private(set) var lastWait = 0.0
  /// Seconds all calls of `next` waited.
  public private(set) var totalWait = 0.0

  private let prefetch: OrderedPrefetch<Prepared>
  private let maker: BatchMaker
  private let onSkip: (SkippedSample) -> Void
  private var reported = Set<Int>()

  /// - Parameters:
  ///   - onSkip: called once for each file that is left out, from the thread that calls `next`.
  /// - Throws: `Failure` `.badConfig` when the data set does not fill one batch or a number is out
  ///   of range.
  public init(
    _ dataset: any SegmentationDataset, transforms: TransformPipeline,
    normalization: Normalization, options: LoaderOptions,
    onSkip: @escaping (SkippedSample) -> Void = { _ in }
  ) throws {
    let maker = try BatchMaker(
      dataset: dataset, transforms: transforms, normalization: normalization, options: options)
    self.maker = maker
    self.onSkip = onSkip
    batchesPerEpoch = maker.batchesPerEpoch
    let start = options.startEpoch * maker.batchesPerEpoch + options.startBatch
    prefetch = try OrderedPrefetch(
      limit: options.limit ?? Int.max - start, workers: options.workers,
      depth: LoaderOptions.depth(workers: options.workers)
    ) { try maker.make(start + $0) }
  }

  /// The next batch, or nil after `limit` of them.
  ///
  /// - Throws: `Failure` of the sample that could not be loaded.
  public func next() throws -> Batch? {
    let clock = ContinuousClock()
    let start = clock.now
    defer {
      let waited = (clock.now - start).components
      lastWait = Double(waited.seconds) + Double(waited.attoseconds) * 1e-18
      totalWait += lastWait
    }
    guard let prepared = try prefetch.next() else { return nil }
    for skipped in prepared.skipped where reported.insert(skipped.index).inserted {
      onSkip(skipped)
    }
    return prepared.batch
  }

  /// Gives the arrays of a batch back, to be filled again without allocating.
  public func recycle(_ batch: consuming Batch) { maker.pool.put(batch) }
}

/// A batch and what was left out on the way to it.
struct Prepared: Sendable {
  var batch: Batch
  var skipped: [SkippedSample]
}
