import Foundation
import SegCore
import SegData
import SegTestSupport
import Testing

extension EndToEnd {
  /// What is planned is what is taken: the printed peak is the process's within 5 %.
  @Suite struct MemoryTests {
    /// Large enough that activations count, small enough to be quick.
    static let network: [(String, String)] = [
      ("model.architecture", "deeplabv3"), ("optimizer", #"{"type":"adam","lr":1e-3}"#),
      ("training.batch_size", "4"), ("training.iterations", "2"),
    ]

    private func expectEqual(
      _ measured: Int?, _ planned: Int?, _ what: String,
      _ location: SourceLocation = #_sourceLocation
    ) {
      guard let measured, let planned else {
        Issue.record("\(what): no number", sourceLocation: location)
        return
      }
      let ratio = Double(measured) / Double(planned)
      #expect(
        abs(ratio - 1) <= 0.05, "\(what): measured \(measured), planned \(planned), \(ratio)",
        sourceLocation: location)
    }

    @Test("bench", arguments: [("none", "1"), ("cheap", "2"), ("segments", "3")])
    func bench(recompute: String, threads: String) throws {
      let shop = try Workshop(train: 1, val: 0)
      try shop.configure(
        Self.network + [("data.size", "[128,256]"), ("engine.recompute", "\"\(recompute)\"")])
      let report = try shop.segtrain([
        "bench", "--config", "config.json", "--steps", "1", "--threads", threads, "--json",
      ]).json
      expectEqual(
        report["train"]?["peak_rss_bytes"]?.integer, report["planned_bytes"]?["total"]?.integer,
        "training")
      let inference = report["inference"]
      expectEqual(
        inference?["peak_rss_bytes"]?.integer, inference?["planned_bytes"]?["total"]?.integer,
        "inference")
    }

    /// Loader, scoring of batches or of views, checkpoints and reports included; scoring views is what takes the most.
    @Test(arguments: [
      (3, [("evaluation.batch_size", "2")]),
      (1, [("evaluation.scales", "[1.5]"), ("augment.crop_size", "[32,32]")]),
      (1, [("evaluation.window", "[128,192]"), ("augment.crop_size", "[32,32]")]),
    ]) func train(pictures: Int, changes: [(String, String)]) throws {
      let shop = try Workshop(train: 1, val: 0)
      try makeStreets(
        root: shop["large"], seed: 5, size: (height: 128, width: 256), counts: (8, pictures, 0))
      try shop.configure(
        Self.network + [
          ("data.root", "large"), ("evaluation.interval", "1"), ("data.workers", "2"),
        ] + changes)
      let finished = try shop.train("a", ["--threads", "2"])
      try #require(finished.status == 0, "\(finished.errors)")
      let planned = try shop.json("a/run/env.json")["planned_bytes"]?["total"]?.integer
      // The last step is told after an evaluation and a checkpoint.
      let peak = try shop.text("a/run/log.txt").components(separatedBy: "  mem ").last
      let megabytes = peak.flatMap { Int($0.prefix { $0.isNumber }) }
      expectEqual(megabytes.map { $0 * 1_000_000 }, planned, "training")
    }
  }
}
