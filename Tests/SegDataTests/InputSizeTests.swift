import SegCore
import SegData
import SegTestSupport
import Testing

@Suite struct InputSizeTests {
  /// torchvision's `resize(picture, 520)`: the long side is `int(520 · long / short)`.
  @Test(arguments: [
    (PixelSize(height: 375, width: 500), PixelSize(height: 520, width: 693)),
    (PixelSize(height: 500, width: 375), PixelSize(height: 693, width: 520)),
    (PixelSize(height: 1024, width: 2048), PixelSize(height: 520, width: 1040)),
    (PixelSize(height: 281, width: 281), PixelSize(height: 520, width: 520)),
    (PixelSize(height: 520, width: 611), PixelSize(height: 520, width: 611)),
    (PixelSize(height: 1, width: 3), PixelSize(height: 520, width: 1560)),
  ])
  func shortSide(stored: PixelSize, expected: PixelSize) throws {
    #expect(try InputSize.shortSide(520).size(of: stored) == expected)
  }

  @Test func whichOfThem() throws {
    var data = DataConfig(layout: "voc", root: "")
    #expect(InputSize(data, shortSide: nil) == .stored)
    #expect(InputSize(data, shortSide: 520) == .shortSide(520))
    data.size = PixelSize(height: 6, width: 8)
    #expect(
      try InputSize(data, shortSide: nil).size(of: PixelSize(height: 1, width: 9)) == data.size)
  }

  /// Image antialiased, label by the nearest pixel; the label as stored is kept beside it.
  @Test func picturesOfManySizesInOneEvaluation() throws {
    var dataset = DrawnDataset(count: 6)
    dataset.size = { $0 < 3 ? PixelSize(height: 15, width: 8) : PixelSize(height: 7, width: 21) }
    let data = DataConfig(layout: "voc", root: "")
    let loader = try EvaluationLoader(
      dataset, transforms: TransformPipeline([ResizeToInput(.shortSide(4))]),
      normalization: Normalization(data), batchSize: 2, workers: 2)
    let all = try EvaluationLoaderTests.batches(loader)
    #expect(all.map(\.indices) == [[0, 1], [2], [3, 4], [5]])
    #expect(all.map(\.size.height) == [7, 7, 4, 4] && all.map(\.size.width) == [4, 4, 12, 12])
    let stored = try dataset.load(at: 3)
    #expect(all[2].originalLabels[0] == stored.label)
    let label = try stored.label.resized(to: PixelSize(height: 4, width: 12))
    #expect(Array(all[2].labels.prefix(48)) == label.pixels)
  }

  @Test func aSideBeyondAllBoundsIsRefused() {
    let long = PixelSize(height: 3, width: 30_000)
    let failure = #expect(throws: Failure.self) {
      try InputSize.shortSide(520).size(of: long, name: "long.png")
    }
    #expect(
      failure?.description
        == "long.png: short_side 520 makes a picture of 30000x3 one of 5200000x520; at most "
        + "268435456 pixels are allowed\n  hint: lower evaluation.short_side or leave the picture out"
    )
    #expect(failure?.status == .badConfig)
  }
}
