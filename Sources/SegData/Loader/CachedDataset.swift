internal import SegCore
import Synchronization

/// Keeps samples of another data set in memory once they are decoded and resized to `data.size`.
///
/// The first to come are kept until the bound is reached, and nothing is thrown out: an epoch visits every sample
/// once, so each kept one saves as much as any other. Errors are not remembered. Resizing a sample to the size it has
/// already changes nothing, so the transforms of a run give the same bits on these samples.
public final class CachedDataset: SegmentationDataset {
  private let dataset: any SegmentationDataset
  private let resize: Resize?
  private let limit: Int
  private let store: Mutex<Store>

  private struct Store {
    var samples: [Sample?]
    var bytes = 0
  }

  /// - Parameters:
  ///   - resize: what every sample begins with; nil keeps samples as stored.
  ///   - bytes: bound of the pixels that are kept.
  public init(_ dataset: any SegmentationDataset, resize: Resize?, bytes: Int) {
    self.dataset = dataset
    self.resize = resize
    limit = bytes
    store = Mutex(Store(samples: [Sample?](repeating: nil, count: dataset.count)))
  }

  public var classes: [ClassInfo] { dataset.classes }
  public var ignoreIndex: UInt8 { dataset.ignoreIndex }
  public var count: Int { dataset.count }
  public func imagePath(at index: Int) -> String { dataset.imagePath(at: index) }
  public func labelPath(at index: Int) -> String { dataset.labelPath(at: index) }

  /// Bytes of pixels that are kept.
  public var bytes: Int { store.withLock { $0.bytes } }

  /// Sample `index` at `data.size`.
  public func load(at index: Int) throws -> Sample {
    if let kept = store.withLock({ $0.samples[index] }) { return kept }
    var sample = try dataset.load(at: index)
    if let resize { try sample.resize(to: resize.size, by: resize.method) }
    let size = sample.image.pixels.count + sample.label.pixels.count
    store.withLock { store in
      // Another thread may have kept it meanwhile.
      guard store.samples[index] == nil, store.bytes + size <= limit else { return }
      store.samples[index] = sample
      store.bytes += size
    }
    return sample
  }
}

extension CachedDataset {
  /// `dataset` with the cache that `data.cache_mb` asks for, or itself.
  public static func training(
    _ dataset: any SegmentationDataset, _ config: DataConfig
  ) -> any SegmentationDataset {
    guard config.cacheMegabytes > 0 else { return dataset }
    return CachedDataset(
      dataset, resize: config.size.map { Resize($0, by: config.resize) },
      bytes: config.cacheMegabytes * 1_000_000)
  }

  /// The most bytes that the cache of `data.cache_mb` will hold of `samples` samples.
  public static func plannedBytes(_ config: DataConfig, samples: Int) -> Int {
    let bound = config.cacheMegabytes * 1_000_000
    // Three channels and a label.
    guard let size = config.size else { return bound }
    return min(bound, 4 * size.height * size.width * samples)
  }
}
