import Foundation
import SegCore
import SegData
import Testing

@Suite struct InspectionStatsTests {
  private func stats(_ config: DataConfig, _ splits: [String] = ["train"]) throws -> DataStats {
    DataStats(try DataInspection(config, splits: splits, workers: 2))
  }

  @Test func countsSharesAndColours() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    try folder.sample("train", "p", [[0, 0, 2], [255, 0, 0]])
    try folder.sample("train", "q", [[0, 2, 2], [255, 255, 0]])
    try folder.image("images/train/q.png", RGB(30, 20, 90))
    try folder.sample("train", "bad", [[9, 0, 0], [0, 0, 0]])
    let split = try stats(folder.config()).splits[0]
    #expect(split.samples == 2 && split.leftOut == 1)
    #expect(split.pixels == [6, 0, 3] && split.images == [2, 0, 2])
    #expect(split.ignored == 3 && split.counted == 9 && split.absent == [1])
    #expect(split.share(0) == 6.0 / 9 && split.ignoredShare == 0.25)
    #expect(split.sizes.map(\.size) == [PixelSize(height: 2, width: 3)])
    #expect(split.sizes.map(\.images) == [2])
    // Two pictures of one colour: the mean lies half way, the deviation is half the difference.
    for (found, wanted) in zip(split.mean ?? [], [20, 20, 60]) {
      #expect(abs(found - Double(wanted) / 255) < 1e-12)
    }
    for (found, wanted) in zip(split.std ?? [], [10, 0, 30]) {
      #expect(abs(found - Double(wanted) / 255) < 1e-12)
    }
  }

  @Test func labelsAloneGiveTheSameCounts() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    try folder.sample("train", "p", [[0, 0, 2], [255, 0, 0]])
    try folder.sample("train", "bad", [[9, 0, 0], [0, 0, 0]])
    let all = try stats(folder.config()).splits[0]
    try folder.write([1], to: "images/train/p.png")
    let inspection = try DataInspection(folder.config(), splits: ["train"], readImages: false)
    let labels = DataStats(inspection).splits[0]
    #expect(labels.pixels == all.pixels && labels.ignored == all.ignored)
    #expect(
      labels.samples == 1 && labels.leftOut == 1 && labels.mean == nil && labels.sizes.isEmpty)
  }

  @Test func mappingAndAnIgnoredClass() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    try folder.sample("train", "p", [[0, 1, 7, 7]])
    var config = folder.config(
      labelMap: [
        LabelMapping(stored: 7, target: .index(2)), LabelMapping(stored: 1, target: .ignore),
      ])
    #expect(try stats(config).splits[0].pixels == [1, 0, 2])
    config.ignoreIndex = 0
    config.labelMap = [LabelMapping(stored: 7, target: .index(2))]
    let split = try stats(config).splits[0]
    #expect(split.pixels == [0, 1, 2] && split.ignored == 1 && split.images == [0, 1, 1])
  }

  @Test func emptySplitHasNoNumbers() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    try folder.sample("train", "p", [[9, 9]])
    let stats = try stats(folder.config(), ["train", "nowhere"])
    for split in stats.splits {
      #expect(split.samples == 0 && split.mean == nil && split.counted == 0)
      #expect(split.ignoredShare == 0 && split.share(1) == 0)
    }
    #expect(try !stats.json().pretty.contains("nan"))
    #expect(try stats.text().contains("no pixels, weight 0 but for effective: a, b, c"))
  }

  @Test func reports() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    try folder.sample("train", "p", [[0, 0, 0, 0, 0, 0, 0, 1, 1, 255]])
    let stats = try stats(folder.config())
    let text = try stats.text()
    #expect(
      text == """
        train: 1 sample (1 of 10x1), 10.000 % of the pixels ignored
             class  pixels     share  images
          0  a           7  77.778 %       1  ████████████████████████
          1  b           2  22.222 %       1  ██████▉
          2  c           0   0.000 %       0
          mean 0.0392 0.0784 0.1176   std 0.0000 0.0000 0.0000   (red green blue)

        class weights from train
             class  inverse  inverse_mean1  median  effective 0.9999
          0  a       1.2857         0.4444  0.2857            0.6667
          1  b       4.5000         1.5556  1.0000            2.3328
          2  c       0.0000         0.0000  0.0000            0.0005
          no pixels, weight 0 but for effective: c

        """)
    let json = try stats.json(rules: [.median, .effective(beta: 0)])
    #expect(
      json["class_weights"]?.compact
        == #"{"split":"train", "absent":["c"], "median":[0.2857142857142857, 1, 0], "#
        + #""effective":{"beta":0, "weights":[1, 1, 1]}}"#)
    let classes = """
      [{"index":0, "name":"a", "pixels":7, "share":0.7777777777777778, "images":1}, \
      {"index":1, "name":"b", "pixels":2, "share":0.2222222222222222, "images":1}, \
      {"index":2, "name":"c", "pixels":0, "share":0, "images":0}]
      """
    #expect(json.compact.contains("\"classes\":\(classes)"))
    #expect(json.compact.contains(#""sizes":[{"size":[1, 10], "images":1}]"#))
  }

  /// Counted from the files and from the scenes themselves.
  @Test func streetsAgreeWithTheGenerator() throws {
    let root = NSTemporaryDirectory() + "/streets-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    try makeStreets(root: root, seed: 3, size: (32, 48), counts: (train: 5, val: 2, test: 0))
    let config = DataConfig(layout: "streets", root: root)
    let inspection = try DataInspection(config, splits: ["train", "val"])
    #expect(DataCheck(inspection).errors == 0)
    for (split, count) in [("train", 5), ("val", 2)] {
      var counts = [Int](repeating: 0, count: 256)
      for index in 0..<count {
        for label in StreetScene(seed: 3, split: split, index: index, height: 32, width: 48).labels
        {
          counts[Int(label)] += 1
        }
      }
      let found = DataStats(inspection).splits.first { $0.split == split }
      #expect(found?.pixels == Array(counts[0..<10]) && found?.ignored == counts[255])
    }
  }
}
