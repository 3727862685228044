import SegCore
import SegData
import SegTestSupport
import Testing

extension EndToEnd {
  /// Every file of `configs` trains, evaluates and predicts, with a data set in its layout and small sizes.
  @Suite struct ShippedConfigTests {
    struct Case: Sendable, CustomTestStringConvertible {
      var name: String
      /// Of the config's own description.
      var sets: [String] = []
      var testDescription: String { ([name] + sets).joined(separator: " ") }
    }

    /// Seconds of a process: debug builds need ten on a machine of their own.
    private static let limit = 240.0
    private static let folder = "\(GoldenFile.packageRoot)/configs"

    /// All files, and what else their descriptions say can be set.
    static let cases: [Case] =
      ((try? FileSystem.entries(of: folder)) ?? []).filter { $0.hasSuffix(".json") }
      .map { Case(name: $0) } + [
        Case(
          name: "voc-scheduling-paper.json",
          sets: [
            "data.layout=cityscapes", "data.classes=cityscapes34",
            "augment.short_side_range=[410,1640]", "augment.crop_size=[780,780]",
            "model.architecture=fcn",
          ]),
        Case(
          name: "synthia-seqs-recall-paper.json",
          sets: ["data.split_rule=sequence", "loss.terms.0.variant=paper"]),
      ]

    /// Small values for the sizes a config has, and a network that is quick to write to the disk.
    private func sizes(_ config: JSONValue) -> [(String, String)] {
      let small: [(section: String, key: String, value: String)] = [
        ("data", "size", "[32,48]"), ("augment", "crop_size", "[32,32]"),
        ("augment", "short_side_range", "[20,40]"), ("evaluation", "short_side", "30"),
        ("training", "iterations", "2"), ("training", "epochs", "1"),
        ("lr_schedule", "warmup_iterations", "1"),
      ]
      return small.compactMap { section, key, value in
        let has = config[section]?[key].map { $0 != .null && $0 != .integer(0) } ?? false
        return has ? ("\(section).\(key)", value) : nil
      } + [("data.root", "data"), ("model.backbone", "resnet18"), ("training.batch_size", "6")]
    }

    @Test("Trains, evaluates and predicts", arguments: cases)
    func runs(_ test: Case) throws {
      let shop = try Workshop(train: 1, val: 1)
      try FileSystem.standard.removeTree(shop["data"])
      let file = "\(Self.folder)/\(test.name)"
      let own = test.sets.flatMap { ["--set", $0] }
      let shown = try shop.segtrain(["config", "show", "--config", file] + own)
      try #require(shown.status == 0, "\(shown.errors)")
      let config = try shown.json
      let layout = try #require(config["data"]?["layout"]?.text)
      let picture = try TinyData(shop: shop).write(layout: layout)

      let trained = try shop.segtrain(
        ["train", "--config", file, "--run-dir", "run"] + own + Workshop.sets(sizes(config)),
        limit: Self.limit)
      try #require(trained.status == 0, "\(trained.errors)")
      let events = try shop.text("run/metrics.jsonl").split(separator: "\n").map {
        try JSONNode.parse(Array($0.utf8), name: "metrics.jsonl").value
      }
      #expect(events.last?["event"] == .string("eval"))
      // Streams of SYNTHIA have frames of equal names.
      let splits = try shop.json("run/data.json")["splits"]
      for split in ["train", "val"] {
        let files = splits?[split]?["files"]?.items.compactMap(\.text) ?? []
        #expect(!files.isEmpty && Set(files).count == files.count)
        let paths = files[0].split(separator: " ").map { shop["data/\($0)"] }
        #expect(paths.count == 2 && paths.allSatisfy { FileSystem.kind(of: $0) == .file })
      }
      let scored = try shop.segtrain(["eval", "--checkpoint", "run", "--json"], limit: Self.limit)
      try #require(scored.status == 0, "\(scored.errors)")
      #expect(try scored.json["mean_iou"] == events.last?["mean_iou"])
      let predicted = try shop.segtrain(
        ["predict", "--checkpoint", "run", "--out", "out", picture], limit: Self.limit)
      try #require(predicted.status == 0, "\(predicted.errors)")
      let map = try ImageFile.readLabels(
        shop["out/\(FilePath.name(of: picture).prefix { $0 != "." }).png"])
      #expect(map.height == TinyData.height && map.width == TinyData.width)
      let classes = try scored.json["classes"]?.items.count ?? 0
      #expect(map.pixels.allSatisfy { $0 < classes })
    }
  }
}
