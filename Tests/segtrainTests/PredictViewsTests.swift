import SegCore
import SegData
import SegTestSupport
import Testing

extension EndToEnd {
  /// Windows, scales and mirrored views of `predict`.
  @Suite struct PredictViewsTests {
    @Test func windowsAndViews() throws {
      let shop = try Workshop()
      try shop.configure(DeterminismTests.headOnly)
      #expect(try shop.train("a").status == 0)
      try makeStreets(root: shop["large"], size: (height: 80, width: 120), counts: (1, 0, 0))
      let line = ["predict", "--checkpoint", "a/run", "large/train", "--save", "index,confidence"]
      let ways: [(String, [String])] = [
        ("plain", []), ("window", ["--window", "40x48", "--overlap", "0.5"]),
        ("one", ["--window", "200x200"]),
        ("views", ["--scales", "0.5,1,1.5", "--flip", "--window", "40x48"]),
      ]
      for (folder, options) in ways {
        let done = try shop.segtrain(line + ["--out", folder] + options)
        #expect(done.status == 0, "\(folder): \(done.errors)")
        let size = try ImageFile.size(shop["\(folder)/0000.png"])
        #expect(size.height == 80 && size.width == 120)
      }
      func labels(_ folder: String) throws -> [UInt8] {
        try ImageFile.readLabels(shop["\(folder)/0000.png"]).pixels
      }
      #expect(try labels("one") == labels("plain"))
      let confidence = try ["plain", "window", "views"].map {
        try ImageFile.readRaster(shop["\($0)/0000_confidence.png"]).pixels
      }
      #expect(confidence[0] != confidence[1] && confidence[1] != confidence[2])
    }

    static let wrong: [([String], String)] = [
      (["--window", "40"], "--window: expected HEIGHTxWIDTH, e.g. 512x1024, found \"40\""),
      (["--window", "0x9"], "--window: expected HEIGHTxWIDTH, e.g. 512x1024, found \"0x9\""),
      (["--scales", "1,,2"], "--scales: expected numbers from 0.05 to 20, found \"\""),
      (["--overlap", "1"], "--overlap: expected a share from 0 to 0.9, found 1.0"),
    ]

    @Test(arguments: wrong)
    func wrongOptions(_ options: [String], _ message: String) throws {
      let shop = try Workshop()
      try shop.configure(DeterminismTests.headOnly + [("training.iterations", "1")])
      #expect(try shop.train("a").status == 0)
      let done = try shop.segtrain(
        ["predict", "--checkpoint", "a/run", "--out", "out", "data/val"] + options)
      #expect(done.exit == .usage)
      #expect(done.errors.contains(message), "\(done.errors)")
    }
  }
}
