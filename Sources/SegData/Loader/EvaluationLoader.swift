internal import SegCore

/// Consecutive samples of one size, with their labels as they were before resizing.
public struct EvaluationBatch: Sendable {
  /// `[N, H, W, 3]`, normalised.
  public var images: [Float]
  /// `[N, H, W]` at the input's size.
  public var labels: [UInt8]
  public var count: Int
  public var size: PixelSize
  /// One for each sample, at its own size: what `score_size: original` is scored against.
  public var originalLabels: [LabelMap]
  /// One for each sample at the input's size, where the loader was asked for them.
  public var pictures: [Raster] = []
  public var indices: [Int]
}

/// All samples of a split in order, decoded ahead; a bad sample is an error or left out, never
/// replaced.
public final class EvaluationLoader {
  /// Seconds all calls of `next` waited.
  public private(set) var totalWait = 0.0

  private let prefetch: OrderedPrefetch<Item>
  private let batchSize: Int
  private let onSkip: (SkippedSample) -> Void
  private var pending: Loaded?

  /// - Parameters:
  ///   - range: which samples, all by default.
  ///   - transforms: resizing at most; `TransformPipeline.evaluation`.
  ///   - keepsPictures: also gives the pictures before normalisation.
  ///   - onSkip: called for each file that is left out, from the thread that calls `next`.
  public init(
    _ dataset: any SegmentationDataset, transforms: TransformPipeline,
    normalization: Normalization, batchSize: Int = 1, workers: Int = 1,
    onBadSample: DataConfig.BadSample = .error, range: Range<Int>? = nil,
    keepsPictures: Bool = false,
    onSkip: @escaping (SkippedSample) -> Void = { _ in }
  ) throws {
    guard batchSize > 0 else {
      throw Failure(.badConfig, "evaluation.batch_size", "expected 1 or more, found \(batchSize)")
    }
    let range = range ?? 0..<dataset.count
    self.batchSize = batchSize
    self.onSkip = onSkip
    prefetch = try OrderedPrefetch(
      limit: range.count, workers: workers,
      depth: Self.depth(batchSize: batchSize, workers: workers)
    ) { position in
      let index = range.lowerBound + position
      do {
        let original = try dataset.load(at: index)
        var sample = original
        try transforms.apply(&sample, seed: 0, index: index, epoch: 0)
        let count = 3 * sample.image.height * sample.image.width
        let pixels = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
          normalization.write(sample.image, to: buffer)
          filled = count
        }
        return .loaded(
          Loaded(
            index: index, pixels: pixels, label: sample.label, original: original.label,
            picture: keepsPictures ? sample.image : nil))
      } catch let failure as Failure where onBadSample == .skip {
        return .skipped(SkippedSample(index: index, reason: failure.description))
      }
    }
  }

  /// The most pictures that are in memory at one time.
  public static func picturesInUse(batchSize: Int, workers: Int) -> Int {
    depth(batchSize: batchSize, workers: workers) + batchSize + 1
  }

  /// Pictures decoded ahead, finished or not.
  private static func depth(batchSize: Int, workers: Int) -> Int { max(workers, batchSize) + 1 }

  /// The next batch, at most `batchSize` samples; fewer where the size changes and at the end; nil
  /// after it.
  public func next() throws -> EvaluationBatch? {
    let clock = ContinuousClock()
    let start = clock.now
    defer {
      let waited = (clock.now - start).components
      totalWait += Double(waited.seconds) + Double(waited.attoseconds) * 1e-18
    }
    guard let first = try nextLoaded() else { return nil }
    var batch = EvaluationBatch(
      images: first.pixels, labels: first.label.pixels, count: 1, size: first.size,
      originalLabels: [first.original], pictures: first.picture.map { [$0] } ?? [],
      indices: [first.index])
    if batchSize > 1 {
      batch.images.reserveCapacity(batchSize * batch.images.count)
      batch.labels.reserveCapacity(batchSize * batch.labels.count)
    }
    while batch.count < batchSize, let loaded = try nextLoaded() {
      guard loaded.size == batch.size else {
        pending = loaded
        break
      }
      batch.images += loaded.pixels
      batch.labels += loaded.label.pixels
      batch.count += 1
      batch.originalLabels.append(loaded.original)
      if let picture = loaded.picture { batch.pictures.append(picture) }
      batch.indices.append(loaded.index)
    }
    return batch
  }

  private func nextLoaded() throws -> Loaded? {
    if let loaded = pending {
      pending = nil
      return loaded
    }
    while let item = try prefetch.next() {
      switch item {
      case .loaded(let loaded): return loaded
      case .skipped(let skipped): onSkip(skipped)
      }
    }
    return nil
  }

  private struct Loaded: Sendable {
    var index: Int
    var pixels: [Float]
    /// At the input's size.
    var label: LabelMap
    var original: LabelMap
    var picture: Raster?

    var size: PixelSize { PixelSize(height: label.height, width: label.width) }
  }

  private enum Item: Sendable {
    case loaded(Loaded)
    case skipped(SkippedSample)
  }
}
