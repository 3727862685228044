import SegCore
import SegData
import Synchronization
import Testing

/// Pictures made from their index; those listed in `broken` cannot be read.
struct DrawnDataset: SegmentationDataset {
  var classes: [ClassInfo] { ClassTable.camvid11.classes }
  var ignoreIndex: UInt8 { 255 }
  var count: Int
  var broken: Set<Int> = []
  var size: @Sendable (Int) -> PixelSize = { _ in PixelSize(height: 12, width: 16) }

  func imagePath(at index: Int) -> String { "image\(index)" }
  func labelPath(at index: Int) -> String { "label\(index)" }

  func load(at index: Int) throws -> Sample {
    if broken.contains(index) { throw Failure(.badData, imagePath(at: index), "broken") }
    let size = size(index)
    var image = PillowGoldens.picture(size.height, size.width, 3)
    image.pixels[0] = UInt8(index)
    return Sample(
      image: image,
      label: LabelMap(
        height: size.height, width: size.width,
        pixels: [UInt8](repeating: UInt8(index), count: size.height * size.width)))
  }
}

@Suite(.timeLimit(.minutes(1))) struct LoaderTests {
  static let crop = PixelSize(height: 8, width: 10)

  static func loader(
    _ dataset: DrawnDataset, _ change: (inout LoaderOptions) -> Void = { _ in }
  ) throws -> BatchLoader {
    try logging(dataset, change, { _ in })
  }

  static func logging(
    _ dataset: DrawnDataset, _ change: (inout LoaderOptions) -> Void,
    _ onSkip: @escaping (SkippedSample) -> Void
  ) throws -> BatchLoader {
    let data = DataConfig(layout: "camvid", root: "")
    let augment = AugmentConfig(
      scale: .range(0.5...2), cropSize: crop, flip: 0.5,
      colorJitter: ColorJitterConfig(brightness: 0.3))
    var options = LoaderOptions(batchSize: 3, seed: 5, size: crop)
    change(&options)
    return try BatchLoader(
      dataset, transforms: TransformPipeline.training(data, augment),
      normalization: Normalization(data), options: options, onSkip: onSkip)
  }

  static func take(_ count: Int, _ loader: BatchLoader) throws -> [Batch] {
    try (0..<count).compactMap { _ in try loader.next() }
  }

  static func same(_ a: [Batch], _ b: [Batch]) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy {
        $0.images == $1.images && $0.labels == $1.labels && $0.indices == $1.indices
          && $0.epoch == $1.epoch && $0.index == $1.index && $0.count == $1.count
      }
  }

  @Test func orderIsAPermutationThatChangesByEpochAndSeed() {
    let first = EpochOrder.order(count: 100, seed: 1, epoch: 0, shuffle: true)
    #expect(first.sorted() == Array(0..<100))
    #expect(first == EpochOrder.order(count: 100, seed: 1, epoch: 0, shuffle: true))
    #expect(first != EpochOrder.order(count: 100, seed: 1, epoch: 1, shuffle: true))
    #expect(first != EpochOrder.order(count: 100, seed: 2, epoch: 0, shuffle: true))
    #expect(EpochOrder.order(count: 4, seed: 1, epoch: 0, shuffle: false) == [0, 1, 2, 3])
    #expect(EpochOrder.order(count: 1, seed: 1, epoch: 0, shuffle: true) == [0])
  }

  /// Every sample lands everywhere about equally often.
  @Test func shuffleIsEven() {
    var counts = [Int](repeating: 0, count: 25)
    for epoch in 0..<5000 {
      for (place, sample) in EpochOrder.order(count: 5, seed: 3, epoch: epoch, shuffle: true)
        .enumerated()
      { counts[place * 5 + sample] += 1 }
    }
    // 1000 each; five standard deviations are 141.
    #expect(counts.allSatisfy { (859...1141).contains($0) })
  }

  @Test(arguments: [1, 2, 3, 5])
  func bytesDoNotDependOnWorkers(_ workers: Int) throws {
    let dataset = DrawnDataset(count: 11)
    let one = try Self.take(14, Self.loader(dataset))
    let many = try Self.take(14, Self.loader(dataset) { $0.workers = workers })
    #expect(one.count == 14 && Self.same(one, many))
    #expect(one[0].images.count == 3 * 8 * 10 * 3 && one[0].labels.count == 3 * 8 * 10)
  }

  @Test func anEpochVisitsEverySampleOnce() throws {
    let dataset = DrawnDataset(count: 11)
    let dropped = try Self.loader(dataset)
    #expect(dropped.batchesPerEpoch == 3)
    let all = try Self.loader(dataset) { $0.dropLast = false }
    #expect(all.batchesPerEpoch == 4)
    for epoch in 0..<3 {
      let batches = try Self.take(4, all)
      #expect(batches.map(\.count) == [3, 3, 3, 2])
      #expect(batches.map(\.index) == [0, 1, 2, 3])
      #expect(batches.allSatisfy { $0.epoch == epoch })
      #expect(batches.flatMap(\.indices).sorted() == Array(0..<11))
      #expect(
        batches.flatMap(\.indices)
          == EpochOrder.order(count: 11, seed: 5, epoch: epoch, shuffle: true))
      let short = try Self.take(3, dropped)
      #expect(short.flatMap(\.indices) == Array(batches.flatMap(\.indices).prefix(9)))
    }
  }

  @Test func resumingContinuesWithTheSameBytes() throws {
    let dataset = DrawnDataset(count: 11)
    let whole = try Self.take(12, Self.loader(dataset) { $0.dropLast = false })
    for start in 0..<8 {
      let rest = try Self.take(
        12 - start,
        Self.loader(dataset) {
          $0.dropLast = false
          $0.workers = 2
          $0.startEpoch = start / 4
          $0.startBatch = start % 4
        })
      #expect(Self.same(rest, Array(whole[start...])))
    }
  }

  @Test func recycledArraysChangeNothing() throws {
    let dataset = DrawnDataset(count: 11)
    let fresh = try Self.take(12, Self.loader(dataset) { $0.dropLast = false })
    let loader = try Self.loader(dataset) {
      $0.dropLast = false
      $0.workers = 2
    }
    for expected in fresh {
      guard let batch = try loader.next() else { break }
      #expect(Self.same([batch], [expected]))
      loader.recycle(batch)
    }
  }

  @Test func limitEnds() throws {
    let loader = try Self.loader(DrawnDataset(count: 11)) { $0.limit = 2 }
    #expect(try Self.take(5, loader).count == 2)
    #expect(try loader.next() == nil)
    #expect(loader.totalWait >= loader.lastWait && loader.lastWait >= 0)
  }

  @Test func aBadSampleStopsWhenItsBatchIsDue() throws {
    let order = EpochOrder.order(count: 11, seed: 5, epoch: 0, shuffle: true)
    let bad = order[4]
    let loader = try Self.loader(DrawnDataset(count: 11, broken: [bad])) { $0.workers = 2 }
    #expect(try loader.next()?.indices == Array(order[0..<3]))
    let failure = #expect(throws: Failure.self) { try loader.next() }
    #expect(failure == Failure(.badData, "image\(bad)", "broken"))
  }

  @Test(arguments: [1, 2, 3])
  func skippedSamplesAreReplacedByTheNextOfTheOrder(_ workers: Int) throws {
    let order = EpochOrder.order(count: 11, seed: 5, epoch: 0, shuffle: true)
    let broken = Set([order[0], order[4], order[5], order[10]])
    let log = Mutex<[Int]>([])
    let loader = try Self.logging(
      DrawnDataset(count: 11, broken: broken),
      {
        $0.dropLast = false
        $0.onBadSample = .skip
        $0.workers = workers
      },
      { skipped in log.withLock { $0.append(skipped.index) } })
    let batches = try Self.take(4, loader)
    let expected = [1, 1, 2, 3, 6, 6, 6, 7, 8, 9, 1].map { order[$0] }
    #expect(batches.flatMap(\.indices) == expected)
    _ = try Self.take(8, loader)
    #expect(log.withLock { $0 } == [order[0], order[4], order[5], order[10]])
  }

  @Test func nothingReadableIsAnError() throws {
    let loader = try Self.loader(DrawnDataset(count: 3, broken: [0, 1, 2])) {
      $0.onBadSample = .skip
    }
    let failure = #expect(throws: Failure.self) { try loader.next() }
    #expect(failure?.problem.hasPrefix("none of the 3 samples can be read") == true)
  }

  @Test func sizesMustFitTheBatch() throws {
    let loader = try BatchLoader(
      DrawnDataset(count: 3), transforms: TransformPipeline([]),
      normalization: Normalization(DataConfig(layout: "camvid", root: "")),
      options: LoaderOptions(batchSize: 3, seed: 1, size: PixelSize(height: 12, width: 17)))
    let failure = #expect(throws: Failure.self) { try loader.next() }
    #expect(failure?.problem == "sample is 16x12 after the transforms, the batch is 17x12")
  }

  @Test func optionsThatCannotBe() {
    let changes: [(@Sendable (inout LoaderOptions) -> Void, String)] = [
      ({ $0.batchSize = 0 }, "expected 1 or more, found 0"),
      ({ $0.batchSize = 12 }, "the training split has 11 samples, fewer than one batch of 12"),
      ({ $0.startBatch = 3 }, "epoch 0, batch 3 of 3"),
      ({ $0.startEpoch = -1 }, "epoch -1, batch 0 of 3"),
    ]
    for (change, problem) in changes {
      let failure = #expect(throws: Failure.self) {
        try Self.loader(DrawnDataset(count: 11), change)
      }
      #expect(failure?.problem == problem)
    }
  }

  /// Loaders that are dropped early, in the middle and after an error all end their threads.
  @Test func droppingALoaderStopsItsThreads() throws {
    for round in 0..<60 {
      let loader = try Self.loader(
        DrawnDataset(count: 11, broken: round % 3 == 0 ? [1] : [])
      ) { $0.workers = 1 + round % 4 }
      for _ in 0..<round % 5 { _ = try? loader.next() }
    }
  }
}
