import SegCore
import SegData
import Testing

@Suite struct ClassUniformTests {
  /// 60 pictures of class 0, one of which also shows class 1.
  struct RareClass: SegmentationDataset {
    var classes: [ClassInfo] { ClassTable.camvid11.classes }
    var ignoreIndex: UInt8 { 255 }
    var count: Int { 60 }
    func imagePath(at index: Int) -> String { "image\(index)" }
    func labelPath(at index: Int) -> String { "label\(index)" }

    func load(at index: Int) throws -> Sample {
      var sample = TransformTests.sample(30, 40)
      sample.label.pixels = [UInt8](repeating: 0, count: 30 * 40)
      if index == 17 { sample.label.pixels[15 * 40 + 20] = 1 }
      return sample
    }
  }

  static func batches(share: Double, workers: Int, startBatch: Int = 0, _ count: Int) throws
    -> [Batch]
  {
    let images = [Array(0..<60), [17]] + [[Int]](repeating: [], count: 9)
    let size = PixelSize(height: 8, width: 8)
    let data = DataConfig(layout: "camvid", root: "")
    let loader = try BatchLoader(
      RareClass(), transforms: .training(data, AugmentConfig(cropSize: size)),
      normalization: Normalization(data),
      options: LoaderOptions(
        batchSize: 4, seed: 3, size: size,
        classUniform: ClassUniform(share: share, imagesOfClass: images), workers: workers,
        startBatch: startBatch))
    return try (0..<count).compactMap { _ in try loader.next() }
  }

  @Test func rareClassIsSeenAsOftenAsTheOthers() throws {
    let batches = try Self.batches(share: 1, workers: 1, 15)
    let shows = batches.flatMap { batch in
      (0..<4).map { slot in batch.labels[slot * 64..<(slot + 1) * 64].contains(1) }
    }
    let share = Double(shows.filter { $0 }.count) / 60
    // Half of 60 draws; four standard deviations.
    #expect(abs(share - 0.5) < 0.26, "\(share)")
    #expect(try Self.batches(share: 0, workers: 1, 15).flatMap(\.indices).sorted() == Array(0..<60))
  }

  /// An image that comes twice in an epoch is not cropped twice at the same place.
  @Test func visitsOfOneImageDiffer() throws {
    let batches = try Self.batches(share: 1, workers: 1, 15)
    let places = batches.flatMap { batch in
      (0..<4).compactMap { batch.labels[$0 * 64..<($0 + 1) * 64].firstIndex(of: 1).map { $0 % 64 } }
    }
    #expect(Set(places).count > 5)
  }

  @Test func workersAndRestartsDoNotMatter() throws {
    let whole = try Self.batches(share: 0.5, workers: 1, 12)
    let others = try Self.batches(share: 0.5, workers: 3, startBatch: 5, 7)
    for (one, other) in zip(whole.dropFirst(5), others) {
      #expect(one.images == other.images)
      #expect(one.labels == other.labels)
      #expect(one.indices == other.indices)
    }
  }
}
