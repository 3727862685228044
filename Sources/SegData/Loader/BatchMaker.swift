internal import SegCore
import Synchronization

/// Makes batch `number`, counted over all epochs, from nothing but that number.
struct BatchMaker: Sendable {
  let dataset: any SegmentationDataset
  let transforms: TransformPipeline
  let normalization: Normalization
  let options: LoaderOptions
  let batchesPerEpoch: Int
  let pool = BatchPool()
  private let orders = OrderCache()

  init(
    dataset: any SegmentationDataset, transforms: TransformPipeline, normalization: Normalization,
    options: LoaderOptions
  ) throws {
    let size = options.batchSize
    guard size > 0 else {
      throw Failure(.badConfig, "training.batch_size", "expected 1 or more, found \(size)")
    }
    guard dataset.count > 0 else { throw Failure(.badData, "data", "the training split is empty") }
    let full = dataset.count / size
    batchesPerEpoch = options.dropLast ? full : (dataset.count + size - 1) / size
    guard batchesPerEpoch > 0 else {
      throw Failure(
        .badConfig, "training.batch_size",
        "the training split has \(dataset.count) samples, fewer than one batch of \(size)",
        hint: "lower training.batch_size or set training.drop_last to false")
    }
    guard options.startEpoch >= 0, (0..<batchesPerEpoch).contains(options.startBatch) else {
      throw Failure(
        .badData, "data position",
        "epoch \(options.startEpoch), batch \(options.startBatch) of \(batchesPerEpoch)",
        hint: "the data set or the batch size is not that of the run to be resumed")
    }
    self.dataset = dataset
    self.transforms = transforms
    self.normalization = normalization
    self.options = options
  }

  func make(_ number: Int) throws -> Prepared {
    let (epoch, index) = number.quotientAndRemainder(dividingBy: batchesPerEpoch)
    let visits = orders.visits(dataset.count, options, epoch: epoch)
    let first = index * options.batchSize
    let count = min(options.batchSize, visits.count - first)
    var prepared = Prepared(
      batch: pool.take(count: count, size: options.size, epoch: epoch, index: index), skipped: [])
    for slot in 0..<count {
      try fill(slot, position: first + slot, visits: visits, &prepared)
    }
    return prepared
  }

  /// Fills one place of the batch with the sample at `position`, or the first good one after it in
  /// the epoch's order, which goes on from its beginning.
  private func fill(
    _ slot: Int, position: Int, visits: [SampleVisit], _ prepared: inout Prepared
  ) throws {
    for step in 0..<visits.count {
      let visit = visits[(position + step) % visits.count]
      do {
        let sample = try sample(visit, epoch: prepared.batch.epoch)
        write(sample, to: slot, &prepared.batch)
        prepared.batch.indices.append(visit.index)
        return
      } catch let failure as Failure where options.onBadSample == .skip {
        prepared.skipped.append(SkippedSample(index: visit.index, reason: failure.description))
      }
    }
    let last = prepared.skipped.last?.reason ?? ""
    throw Failure(
      .badData, "data", "none of the \(visits.count) samples can be read; the last: \(last)")
  }

  private func sample(_ visit: SampleVisit, epoch: Int) throws -> Sample {
    let index = visit.index
    var sample = try dataset.load(at: index)
    sample.focus = visit.focus
    try transforms.apply(&sample, seed: options.seed, index: visit.stream, epoch: epoch)
    let found = sample.size
    guard found == options.size, sample.label.height == found.height,
      sample.label.width == found.width
    else {
      throw Failure(
        .badData, dataset.imagePath(at: index),
        "sample is \(found) after the transforms, the batch is \(options.size)",
        hint: "set data.size or augment.crop_size, so that all samples have one size")
    }
    return sample
  }

  private func write(_ sample: Sample, to slot: Int, _ batch: inout Batch) {
    let pixels = options.size.height * options.size.width
    batch.images.withUnsafeMutableBufferPointer { images in
      normalization.write(
        sample.image,
        to: UnsafeMutableBufferPointer(
          rebasing: images[slot * pixels * 3..<(slot + 1) * pixels * 3]))
    }
    batch.labels.withUnsafeMutableBufferPointer { labels in
      _ = UnsafeMutableBufferPointer(rebasing: labels[slot * pixels..<(slot + 1) * pixels])
        .update(fromContentsOf: sample.label.pixels)
    }
  }
}

/// Batches whose arrays may be used again.
final class BatchPool: Sendable {
  private let spare = Mutex<[Batch]>([])

  func put(_ batch: consuming Batch) {
    let batch = batch
    spare.withLock { $0.append(batch) }
  }

  /// A batch to be filled; its arrays hold anything.
  func take(count: Int, size: PixelSize, epoch: Int, index: Int) -> Batch {
    let pixels = count * size.height * size.width
    var batch =
      spare.withLock { $0.popLast() }
      ?? Batch(
        images: [], labels: [], count: 0, size: size, indices: [], epoch: 0, index: 0)
    if batch.labels.count != pixels {
      batch.images = [Float](repeating: 0, count: 3 * pixels)
      batch.labels = [UInt8](repeating: 0, count: pixels)
    }
    batch.count = count
    batch.size = size
    batch.indices.removeAll(keepingCapacity: true)
    batch.epoch = epoch
    batch.index = index
    return batch
  }
}

/// The order of the epoch that was last asked for.
private final class OrderCache: Sendable {
  private let last = Mutex<(epoch: Int, visits: [SampleVisit])?>(nil)

  func visits(_ count: Int, _ options: LoaderOptions, epoch: Int) -> [SampleVisit] {
    if let visits = last.withLock({ $0?.epoch == epoch ? $0?.visits : nil }) { return visits }
    let order = EpochOrder.order(
      count: count, seed: options.seed, epoch: epoch, shuffle: options.shuffle)
    let visits =
      options.classUniform?.replacing(order, seed: options.seed, epoch: epoch)
      ?? order.map { SampleVisit($0) }
    last.withLock { $0 = (epoch, visits) }
    return visits
  }
}
