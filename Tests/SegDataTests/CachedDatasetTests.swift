import SegCore
import SegData
import Synchronization
import Testing

/// Counts how often samples are decoded.
private final class CountedDataset: SegmentationDataset {
  private let drawn: DrawnDataset
  private let loads = Mutex<[Int: Int]>([:])

  init(_ drawn: DrawnDataset) { self.drawn = drawn }

  var classes: [ClassInfo] { drawn.classes }
  var ignoreIndex: UInt8 { drawn.ignoreIndex }
  var count: Int { drawn.count }
  var counts: [Int: Int] { loads.withLock { $0 } }
  func imagePath(at index: Int) -> String { drawn.imagePath(at: index) }
  func labelPath(at index: Int) -> String { drawn.labelPath(at: index) }
  func load(at index: Int) throws -> Sample {
    loads.withLock { $0[index, default: 0] += 1 }
    return try drawn.load(at: index)
  }
}

@Suite(.timeLimit(.minutes(1))) struct CachedDatasetTests {
  static let size = PixelSize(height: 10, width: 14)
  /// Of a sample of this size: three channels and a label.
  static let bytes = 4 * 10 * 14

  private func batches(
    _ dataset: any SegmentationDataset, workers: Int, _ method: DataConfig.Resize
  ) throws -> [Batch] {
    let data = DataConfig(layout: "camvid", root: "", size: Self.size, resize: method)
    let augment = AugmentConfig(
      scale: .range(0.5...2), cropSize: LoaderTests.crop, flip: 0.5,
      colorJitter: ColorJitterConfig(brightness: 0.3))
    var options = LoaderOptions(batchSize: 3, seed: 5, size: LoaderTests.crop, limit: 12)
    options.workers = workers
    options.onBadSample = .skip
    let loader = try BatchLoader(
      dataset, transforms: TransformPipeline.training(data, augment),
      normalization: Normalization(data), options: options)
    return try LoaderTests.take(12, loader)
  }

  /// Four epochs of nine samples; the cache holds none, some, or all of them.
  @Test(arguments: [0, 4, 9], DataConfig.Resize.allCases)
  func batchesAreTheSame(kept: Int, method: DataConfig.Resize) throws {
    let drawn = DrawnDataset(
      count: 9, broken: [2],
      size: { PixelSize(height: 12 + $0, width: 16 + $0 % 3) })
    let plain = try batches(drawn, workers: 1, method)
    for workers in [1, 3] {
      let cached = CachedDataset(
        drawn, resize: Resize(Self.size, by: method), bytes: kept * Self.bytes + 1)
      #expect(LoaderTests.same(plain, try batches(cached, workers: workers, method)))
      #expect(cached.bytes == min(kept, 8) * Self.bytes)
    }
  }

  @Test func samplesAreDecodedOnce() throws {
    let counted = CountedDataset(DrawnDataset(count: 5, broken: [4]))
    let cached = CachedDataset(counted, resize: Resize(Self.size), bytes: 3 * Self.bytes)
    for _ in 0..<3 {
      for index in 0..<4 {
        #expect(try cached.load(at: index).size == Self.size)
      }
      #expect(throws: Failure.self) { try cached.load(at: 4) }
    }
    // Three fit; what does not fit and what is broken is read every time.
    #expect(counted.counts == [0: 1, 1: 1, 2: 1, 3: 3, 4: 3])
    #expect(cached.bytes == 3 * Self.bytes)
  }

  @Test func plannedBytes() {
    var data = DataConfig(layout: "camvid", root: "")
    #expect(CachedDataset.plannedBytes(data, samples: 100) == 0)
    #expect(CachedDataset.training(DrawnDataset(count: 1), data) is DrawnDataset)
    data.cacheMegabytes = 2
    #expect(CachedDataset.training(DrawnDataset(count: 1), data) is CachedDataset)
    #expect(CachedDataset.plannedBytes(data, samples: 100) == 2_000_000)
    data.size = Self.size
    #expect(CachedDataset.plannedBytes(data, samples: 100) == 56_000)
    #expect(CachedDataset.plannedBytes(data, samples: 100_000) == 2_000_000)
  }
}
