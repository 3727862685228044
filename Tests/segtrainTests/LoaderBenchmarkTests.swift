import SegCore
import SegTestSupport
import Testing

extension EndToEnd {
  @Suite struct LoaderBenchmarkTests {
    static let line = ["bench", "--loader", "--config", "config.json", "--steps", "5"]

    @Test("bench --loader counts the images of its batches, augmented and by class too")
    func report() throws {
      let shop = try Workshop(train: 7, val: 0)
      try shop.configure([
        ("data.workers", "2"),
        ("augment", #"{"scale_range":[0.5,2],"crop_size":[24,40],"class_uniform":0.5}"#),
      ])
      let report = try shop.segtrain(Self.line + ["--json"]).json
      #expect(
        report.keys == [
          "images_per_second", "processor_seconds_per_image", "seconds_per_batch", "batch_size",
          "height", "width", "workers", "peak_rss_bytes",
        ])
      let seconds = report["seconds_per_batch"]?.items.compactMap(\.number) ?? []
      try #require(seconds.count == 5)
      let rate = try #require(report["images_per_second"]?.number)
      #expect(abs(rate * seconds.reduce(0, +) - 10) < 1e-6)
      #expect(report["processor_seconds_per_image"]?.number ?? 0 > 0)
      #expect(report["batch_size"] == .integer(2) && report["workers"] == .integer(2))
      #expect(report["height"] == .integer(24) && report["width"] == .integer(40))
    }

    /// Seven samples in batches of two: an epoch ends with one of one sample.
    @Test("Last batches count as what they are, and kept samples are kept before the clock starts")
    func epochs() throws {
      let shop = try Workshop(train: 7, val: 0)
      try shop.configure([("training.drop_last", "false"), ("data.cache_mb", "10")])
      let report = try shop.segtrain(Self.line + ["--json"]).json
      // An epoch of four batches before, then five: 2 + 2 + 2 + 1 + 2.
      let seconds = report["seconds_per_batch"]?.items.compactMap(\.number) ?? []
      let rate = try #require(report["images_per_second"]?.number)
      #expect(abs(rate * seconds.reduce(0, +) - 9) < 1e-6)
      let text = try shop.segtrain(Self.line).output
      #expect(text.hasPrefix("input pipeline (batches of 2, 48x32, 1 worker): "))
      #expect(text.contains(" images/s, ") && text.hasSuffix(" ms of the processor an image\n"))
    }

    @Test("Mistakes are told before and while files are read")
    func mistakes() throws {
      let shop = try Workshop(train: 3, val: 0)
      try shop.configure()
      for option in [["--layers"], ["--losses"], ["--threads", "2"], ["--only", "train"]] {
        let refused = try shop.segtrain(Self.line + option)
        #expect(refused.exit == .usage && refused.errors.contains("goes with neither"))
        #expect(refused.errors.contains("--set data.workers=2"))
      }
      let alone = try shop.segtrain(["bench", "--loader"])
      #expect(alone.exit == .usage && alone.errors.contains("needs --config"))
      let many = try shop.segtrain(Self.line + ["--set", "training.batch_size=4"])
      #expect(many.exit == .badConfig && many.errors.contains("fewer than one batch of 4"))
      let none = try shop.segtrain(Self.line + ["--set", "data.root=nowhere"])
      #expect(none.exit == .inputMissing && none.errors.contains("nowhere"))
    }
  }
}
