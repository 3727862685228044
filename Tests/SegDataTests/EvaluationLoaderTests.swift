import SegCore
import SegData
import Testing

@Suite(.timeLimit(.minutes(1))) struct EvaluationLoaderTests {
  static let data = DataConfig(layout: "camvid", root: "", size: PixelSize(height: 6, width: 8))

  static func batches(_ loader: EvaluationLoader) throws -> [EvaluationBatch] {
    var all = [EvaluationBatch]()
    while let batch = try loader.next() { all.append(batch) }
    return all
  }

  @Test(arguments: [1, 2, 3], [1, 2, 4])
  func visitsAllInOrder(_ workers: Int, _ batchSize: Int) throws {
    let dataset = DrawnDataset(count: 9)
    let all = try Self.batches(
      EvaluationLoader(
        dataset, transforms: .evaluation(Self.data), normalization: Normalization(Self.data),
        batchSize: batchSize, workers: workers))
    #expect(all.flatMap(\.indices) == Array(0..<9))
    #expect(all.map(\.count).dropLast().allSatisfy { $0 == batchSize })
    for batch in all {
      #expect(batch.size == PixelSize(height: 6, width: 8))
      #expect(batch.images.count == batch.count * 6 * 8 * 3)
      for (slot, index) in batch.indices.enumerated() {
        let original = try dataset.load(at: index)
        #expect(batch.originalLabels[slot] == original.label)
        let image = try original.image.resized(to: batch.size)
        var expected = [Float](repeating: 0, count: 6 * 8 * 3)
        let normalization = try Normalization(Self.data)
        expected.withUnsafeMutableBufferPointer { normalization.write(image, to: $0) }
        #expect(Array(batch.images[slot * 144..<(slot + 1) * 144]) == expected)
        #expect(
          Array(batch.labels[slot * 48..<(slot + 1) * 48])
            == [UInt8](repeating: UInt8(index), count: 48))
      }
    }
  }

  @Test func aBatchHasOneSize() throws {
    var dataset = DrawnDataset(count: 7)
    dataset.size = { PixelSize(height: $0 < 3 || $0 == 6 ? 5 : 9, width: 4) }
    let data = DataConfig(layout: "camvid", root: "")
    let all = try Self.batches(
      EvaluationLoader(
        dataset, transforms: .evaluation(data), normalization: Normalization(data), batchSize: 2,
        workers: 2))
    #expect(all.map(\.indices) == [[0, 1], [2], [3, 4], [5], [6]])
    #expect(all.map(\.size.height) == [5, 5, 9, 9, 5])
  }

  @Test func badSamplesStopOrAreLeftOut() throws {
    let dataset = DrawnDataset(count: 5, broken: [1, 4])
    let strict = try EvaluationLoader(
      dataset, transforms: .evaluation(Self.data), normalization: Normalization(Self.data))
    #expect(try strict.next()?.indices == [0])
    #expect(throws: Failure.self) { try strict.next() }
    var skipped = [Int]()
    let lenient = try EvaluationLoader(
      dataset, transforms: .evaluation(Self.data), normalization: Normalization(Self.data),
      batchSize: 2, workers: 2, onBadSample: .skip, onSkip: { skipped.append($0.index) })
    #expect(try Self.batches(lenient).map(\.indices) == [[0, 2], [3]])
    #expect(skipped == [1, 4])
  }

  @Test func rangeSelects() throws {
    let all = try Self.batches(
      EvaluationLoader(
        DrawnDataset(count: 9), transforms: .evaluation(Self.data),
        normalization: Normalization(Self.data), batchSize: 2, range: 3..<6))
    #expect(all.map(\.indices) == [[3, 4], [5]])
  }
}
