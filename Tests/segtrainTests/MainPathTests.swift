import SegCore
import SegData
import SegTestSupport
import Testing

extension EndToEnd {
  /// What most people do: make data, train, score, predict.
  @Suite struct MainPathTests {
    @Test("Train writes a run directory with everything the interface names")
    func runDirectory() throws {
      let shop = try Workshop()
      try shop.configure([("training.iterations", "4"), ("evaluation.interval", "2")])
      let trained = try shop.segtrain(["train", "--config", "config.json"])
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.output == "" && trained.errors.hasSuffix("done: runs/tiny\n"))
      let evaluations = [2, 4].flatMap { step in
        [
          "confusion.csv", "confusion.svg", "per_class.csv", "per_class.svg", "per_image.csv",
          "reliability.csv", "reliability.svg", "summary.json",
        ].map { "eval/val@\(step)/\($0)" }
      }
      let files = try RunFiles.tree(shop["runs/tiny"])
      let best = try shop.text("runs/tiny/checkpoints/best_mean_iou")
      let checkpoints = Set(["step_0000004", String(best.dropLast())]).sorted().flatMap { step in
        ["model.safetensors", "optimizer.safetensors", "state.json"].map { "\(step)/\($0)" }
      }
      #expect(
        files == ["checkpoints/best_mean_iou", "checkpoints/last"]
          + checkpoints.map { "checkpoints/\($0)" } + ["config.json", "data.json", "env.json"]
          + evaluations + [
            "log.txt", "metrics.jsonl", "report.html", "tb/events.out.tfevents.0.segtrain",
          ])
      #expect(try shop.text("runs/tiny/checkpoints/last") == "step_0000004\n")

      let events = try shop.text("runs/tiny/metrics.jsonl").split(separator: "\n").map {
        try JSONNode.parse(Array($0.utf8), name: "metrics.jsonl").value
      }
      let order = events.map { "\($0["event"]?.text ?? "") \($0["step"]?.integer ?? 0)" }
      #expect(order == ["train 1", "train 2", "eval 2", "train 3", "train 4", "eval 4"])
      for event in events where event["event"] == .string("train") {
        #expect(
          event.keys == [
            "event", "step", "epoch", "loss", "terms", "lr", "images_per_second", "data_wait",
          ])
        #expect(event["terms"]?["recall"] == event["loss"])
      }
      for key in ["split", "mean_iou", "mean_accuracy", "pixel_accuracy"] {
        #expect(events[2].keys.contains(key))
      }
      let environment = try shop.json("runs/tiny/env.json")
      for key in ["segtrain", "processor", "threads", "blas", "vector_variant", "png"] {
        #expect(environment.keys.contains(key))
      }
      let data = try shop.json("runs/tiny/data.json")
      #expect(data["splits"]?["train"]?["count"] == .integer(6))
      let pairs = try #require(data["splits"]?["val"]?["files"]?.items)
      #expect(pairs.count == 3 && pairs[0] == .string("val/0000.png valannot/0000.png"))
      #expect(try shop.text("runs/tiny/report.html").contains("<h1>tiny</h1>"))
    }

    @Test("The stored config is the resolved one, and gives itself again")
    func config() throws {
      let shop = try Workshop()
      try shop.configure([("training.iterations", "1")])
      #expect(try shop.train("a").status == 0)
      let shown = try shop.segtrain(["config", "show", "--config", "config.json"])
      #expect(try shop.text("a/run/config.json") == shown.output)
      let again = try shop.segtrain(["config", "show", "--config", "a/run/config.json"])
      #expect(again.status == 0 && again.output == shown.output)
      let checked = try shop.segtrain(["config", "check", "--config", "config.json"])
      #expect(checked.status == 0 && checked.output == "config.json: ok\n")
      let schema = try shop.segtrain(["config", "schema"]).json
      #expect(schema["$schema"]?.text?.contains("2020-12") == true)
      #expect(try schema["properties"]?.keys.filter { $0 != "$schema" } == shown.json.keys)
    }

    @Test("Eval prints a table, or one JSON document and nothing else")
    func evaluate() throws {
      let shop = try Workshop()
      try shop.configure(DeterminismTests.headOnly)
      #expect(try shop.train("a").status == 0)
      let table = try shop.segtrain(["eval", "--checkpoint", "a/run"])
      #expect(table.status == 0, "\(table.errors)")
      for word in ["class ", "road ", "mean IoU", "pixel accuracy", "ECE"] {
        #expect(table.output.contains(word))
      }
      let line = ["eval", "--checkpoint", "a/run/checkpoints/step_0000002", "--json"]
      let printed = try shop.segtrain(line + ["--out", "scores"])
      let summary = try printed.json
      for key in [
        "pixel_accuracy", "mean_accuracy", "mean_iou", "frequency_weighted_iou", "mean_precision",
        "macro_f1", "classes_scored", "s_acc", "s_rec", "loss", "cross_entropy",
      ] { #expect(summary.keys.contains(key), "\(key)") }
      for key in ["cal", "ece", "bins"] {
        #expect(summary["calibration"]?.keys.contains(key) == true)
      }
      let classes = summary["classes"]?.items ?? []
      #expect(classes.count == 10)
      for key in ["index", "name", "iou", "recall", "precision", "f1", "pixels"] {
        #expect(classes.allSatisfy { $0.keys.contains(key) })
      }
      // Rows are the truth.
      let rows = summary["confusion"]?.items.map { $0.items.compactMap(\.integer).reduce(0, +) }
      #expect(rows == classes.compactMap { $0["pixels"]?.integer })
      // The same document in the folder asked for, in the run and in another way to the same weights.
      #expect(try shop.text("scores/summary.json") == printed.output)
      #expect(try shop.text("a/run/eval/val@2/summary.json") == printed.output)
      let file = "a/run/checkpoints/step_0000002/model.safetensors"
      let alone = try shop.segtrain(["eval", "--checkpoint", file, "--json", "--threads", "1"])
      #expect(alone.output == printed.output)
      let train = try shop.segtrain(
        line + ["--split", "train", "--set", "evaluation.batch_size=4"])
      #expect(train.status == 0 && shop.exists("a/run/eval/train@2/summary.json"))
    }

    @Test("An evaluation while training equals that of the checkpoint written then")
    func evaluateWhileTraining() throws {
      let shop = try Workshop()
      try shop.configure([
        ("training.iterations", "3"), ("evaluation.interval", "1"), ("checkpoint.interval", "1"),
        ("checkpoint.keep", "3"),
      ])
      #expect(try shop.train("a").status == 0)
      for step in [1, 2, 3] {
        let during = try shop.text("a/run/eval/val@\(step)/summary.json")
        let checkpoint = "a/run/checkpoints/step_000000\(step)"
        let after = try shop.segtrain(["eval", "--checkpoint", checkpoint, "--json", "--out", "b"])
        #expect(after.output == during, "\(step)")
      }
    }

    @Test("Predict writes pictures of the input's own size, whatever way it is named")
    func predict() throws {
      let shop = try Workshop()
      try shop.configure(DeterminismTests.headOnly + [("data.size", "[32,48]")])
      #expect(try shop.train("a").status == 0)
      try makeStreets(root: shop["other"], size: (height: 40, width: 56), counts: (2, 0, 0))
      let line = ["predict", "--checkpoint", "a/run", "--out"]
      let all = ["--save", "index,color,overlay,confidence"]
      let ways: [(String, String, [String])] = [
        ("other/train/0001.png", "", ["0001"]), ("other/train", "", ["0000", "0001"]),
        ("other/train/*0.png", "", ["0000"]),
        ("-", "other/train/0001.png\nother/train/0000.png\n", ["0000", "0001"]),
      ]
      for (number, (input, list, stems)) in ways.enumerated() {
        let done = try shop.segtrain(line + ["out\(number)"] + all + [input], input: list)
        #expect(done.status == 0, "\(input): \(done.errors)")
        #expect(done.output == "")
        let names = stems.flatMap { stem in
          ["", "_color", "_confidence", "_overlay"].map { "\(stem)\($0).png" }
        }
        #expect(try FileSystem.entries(of: shop["out\(number)"]) == names)
        for name in names {
          let size = try ImageFile.size(shop["out\(number)/\(name)"])
          #expect(size.height == 40 && size.width == 56)
        }
        for stem in stems {
          let index = try ImageFile.readLabels(shop["out\(number)/\(stem).png"])
          #expect(index.bitDepth == 8 && index.palette.count >= 10)
          #expect(index.pixels.allSatisfy { $0 < 10 })
          let color = try ImageFile.readRaster(shop["out\(number)/\(stem)_color.png"])
          let painted = try ImageFile.readRaster(shop["out\(number)/\(stem).png"])
          #expect(color == painted)
        }
      }
      // The scores themselves: the largest one's class is the index.
      #expect(
        try shop.segtrain(line + ["scores", "--save", "logits", "other/train/0001.png"]).status == 0
      )
      let reader = try SafetensorsReader(shop["scores/0001_logits.safetensors"])
      let scores = try reader.floats(try #require(reader.entries.first))
      #expect(scores.name == "logits" && scores.shape == [10, 40, 56])
      let classes = try ImageFile.readLabels(shop["out0/0001.png"]).pixels
      for pixel in 0..<40 * 56 {
        let own = scores.values[Int(classes[pixel]) * 40 * 56 + pixel]
        #expect((0..<10).allSatisfy { scores.values[$0 * 40 * 56 + pixel] <= own })
      }
      // Index alone unless asked, and the same bytes by any way.
      #expect(try shop.segtrain(line + ["plain", "other/train"]).status == 0)
      #expect(try FileSystem.entries(of: shop["plain"]) == ["0000.png", "0001.png"])
      for folder in ["out0", "out1", "out3"] {
        #expect(
          try InputFile.contents(of: shop["plain/0001.png"])
            == InputFile.contents(of: shop["\(folder)/0001.png"]))
      }
      let voc = try shop.segtrain(line + ["voc", "--palette", "voc", "other/train/0000.png"])
      #expect(voc.status == 0)
      let index = try ImageFile.readLabels(shop["voc/0000.png"])
      #expect(index.palette[1] == RGB(128, 0, 0))

      for (arguments, status, says): ([String], SegCore.ExitStatus, String) in [
        (
          ["x", "--save", "index,colour", "other/train"], .usage,
          "--save: expected index, color, overlay, confidence, logits, cityscapes, voc, found \"colour\"\n  hint: did you mean \"color\"?"
        ),
        (
          ["x", "--palette", "camvid", "other/train"], .usage,
          "--palette: expected voc, "
        ),
        (
          ["x", "nothing"], .inputMissing,
          "nothing: no such file, and nothing matches it as a pattern"
        ),
        (
          ["x", "a/run/checkpoints"], .inputMissing, "the folder holds no picture (png, jpg, jpeg)"
        ),
        (
          ["x", "other/train/0000.png", "data/train/0000.png"], .usage,
          "data/train/0000.png: would be written under the same name as other/train/0000.png"
        ),
        (["x"], .usage, "Missing expected argument '<inputs> ...'"),
      ] {
        let refused = try shop.segtrain(line + arguments)
        #expect(refused.exit == status && refused.errors.contains(says), "\(refused)")
        #expect(!shop.exists("x"))
      }
      try AtomicFile.write("none", to: shop["file"])
      let blocked = try shop.segtrain(line + ["file/out", "other/train"])
      #expect(blocked.exit == .io && blocked.errors.contains("file"), "\(blocked)")
    }
  }

  /// The commands that look and do not train.
  @Suite struct LookingTests {
    @Test("make-streets draws what was asked for, and says so when it stands already")
    func makeStreets() throws {
      let folder = try TemporaryFolder()
      let line = ["data", "make-streets", "--out", "d", "--height", "16", "--width", "24"]
      let sizes = ["--train", "2", "--val", "1", "--test", "0"]
      let made = try Program(line + sizes, in: folder.path).wait()
      #expect(made.status == 0 && made.errors == "3 scenes written to d\n")
      #expect(
        try RunFiles.tree(folder["d"]) == [
          "streets.json", "train/0000.png", "train/0001.png", "trainannot/0000.png",
          "trainannot/0001.png", "val/0000.png", "valannot/0000.png",
        ])
      let again = try Program(line + sizes, in: folder.path).wait()
      #expect(again.status == 0 && again.errors == "d holds these scenes already\n")
      let other = try Program(line + ["--seed", "2"] + sizes, in: folder.path).wait()
      #expect(other.exit == .io && other.errors.contains("overwrite this one with --force"))
    }

    @Test("data check and data stats")
    func data() throws {
      let shop = try Workshop()
      try shop.configure()
      let line = ["--config", "config.json"]
      let check = try shop.segtrain(["data", "check"] + line)
      #expect(check.status == 0 && check.output.hasPrefix("train: 6 samples, "))
      let checked = try shop.segtrain(["data", "check", "--json"] + line).json
      #expect(checked["ok"] == .bool(true) && checked["errors"] == .integer(0))
      let stats = try shop.segtrain(["data", "stats"] + line)
      #expect(stats.status == 0 && stats.output.contains("road"))
      let counted = try shop.segtrain(["data", "stats", "--json"] + line).json
      #expect(counted["splits"]?.items.map { $0["samples"]?.integer } == [6, 3])
      #expect(counted["class_weights"]?.keys.contains("median") == true)

      try AtomicFile.write(Pictures.label(77), to: shop["data/valannot/0001.png"])
      let broken = try shop.segtrain(["data", "check", "--json"] + line)
      #expect(broken.exit == .badData)
      let problems = try broken.json["problems"]?.items.filter {
        $0["severity"] == .string("error")
      }
      #expect(problems?.map { $0["file"]?.text } == ["data/valannot/0001.png"])
    }

    @Test("model summary, with and without JSON, needs no data where sizes are said")
    func model() throws {
      let shop = try Workshop()
      try shop.configure([("data.root", "nowhere"), ("data.size", "[32,48]")])
      let line = ["model", "summary", "--config", "config.json"]
      let table = try shop.segtrain(line)
      #expect(table.status == 0 && table.output.contains("backbone.layer4.1"), "\(table.errors)")
      let summary = try shop.segtrain(line + ["--json"]).json
      #expect(summary["parameters"] == .integer(11_767_882))
      let layers = summary["layers"]?.items ?? []
      #expect(layers.compactMap { $0["parameters"]?.integer }.reduce(0, +) == 11_767_882)
    }

    @Test("bench prints the keys of the interface")
    func bench() throws {
      let shop = try Workshop()
      try shop.configure([("data.root", "nowhere"), ("data.size", "[32,48]")])
      let line = ["bench", "--config", "config.json", "--steps", "3"]
      let report = try shop.segtrain(line + ["--json", "--threads", "2"]).json
      #expect(
        report.keys == ["train", "inference", "planned_bytes", "parameters", "threads"])
      for key in ["seconds_per_step", "forward", "backward", "optimizer"] {
        let seconds = report["train"]?[key]?.items.compactMap(\.number) ?? []
        #expect(seconds.count == 3 && seconds.allSatisfy { $0 > 0 })
      }
      #expect(report["train"]?["images_per_second"]?.number ?? 0 > 0)
      let peak = report["train"]?["peak_rss_bytes"]?.integer ?? 0
      let planned = report["planned_bytes"]?["total"]?.integer ?? 0
      #expect(peak > 100_000_000 && Double(peak) < 1.15 * Double(planned), "\(peak), \(planned)")
      #expect(report["inference"]?["seconds_per_image"]?.items.count == 3)
      #expect(report["threads"] == .integer(2))
      #expect(try shop.segtrain(line).output.contains("images/s"))
    }

    @Test("bench tells layers, kinds and other operations, next to the machine's ceilings")
    func benchLayers() throws {
      let shop = try Workshop()
      try shop.configure([("data.root", "nowhere"), ("data.size", "[32,48]")])
      let line = ["bench", "--config", "config.json", "--steps", "2", "--threads", "2", "--layers"]
      let report = try shop.segtrain(line + ["--json"]).json
      let names = ["fma_gflops", "gemm_gflops"]
      #expect(names.allSatisfy { report["ceilings"]?[$0]?.number ?? 0 > 1 })
      let layers = report["layers"]?.items ?? []
      #expect(layers.count == 22 && layers.first?["kind"] == .string("7x7 stride 2"))
      #expect(layers.first?["input_gradient"] == .null)
      for layer in layers.dropFirst() {
        for pass in ["forward", "input_gradient", "weight_gradient"] {
          #expect(layer[pass]?["gflops"]?.number ?? 0 > 0, "\(layer)")
        }
      }
      let kinds = report["kinds"]?.items.compactMap { $0["layers"]?.integer } ?? []
      #expect(kinds.reduce(0, +) == layers.count)
      let others = report["operations"]?.items.compactMap { $0["name"] } ?? []
      #expect(others.contains(.string("optimizer")) && others.contains(.string("batch_norm_apply")))
      #expect(!others.contains(.string("conv2d")))
      #expect(try shop.segtrain(line).output.contains("all convolutions"))
    }

    @Test("bench times every loss in each of its readings")
    func benchLosses() throws {
      let shop = try Workshop()
      try shop.configure([("data.root", "nowhere"), ("data.size", "[32,48]")])
      let line = ["bench", "--config", "config.json", "--steps", "2", "--losses"]
      let report = try shop.segtrain(line + ["--json", "--threads", "2"]).json
      let keys = [
        "losses", "seconds_per_step", "processor_seconds_per_step", "batch_size", "threads",
      ]
      #expect(report.keys == keys)
      let losses = report["losses"]?.items ?? []
      let readings = losses.map { [$0["type"], $0["variant"]] }
      #expect(readings.contains([.string("cross_entropy"), .string("paper")]))
      #expect(readings.contains([.string("focal"), .string("scheduling_code")]))
      for loss in losses {
        let seconds = loss["seconds"]?.items.compactMap(\.number) ?? []
        #expect(seconds.count == 2 && seconds.allSatisfy { $0 > 0 }, "\(loss)")
        #expect(loss["planned_bytes"]?.integer ?? 0 > 0)
      }
      #expect(try shop.segtrain(line).output.contains("share of step"))
    }

    @Test("bench can leave out a pass, and says what does not go together")
    func benchChoices() throws {
      let shop = try Workshop()
      try shop.configure([("data.root", "nowhere"), ("data.size", "[32,48]")])
      let line = ["bench", "--config", "config.json", "--steps", "1", "--json"]
      let inference = try shop.segtrain(line + ["--only", "inference"]).json
      #expect(inference.keys == ["inference", "planned_bytes", "parameters", "threads"])
      #expect(inference["inference"]?["peak_rss_bytes"]?.integer ?? 0 > 0)
      let train = try shop.segtrain(line + ["--only", "train"]).json
      #expect(train.keys == ["train", "planned_bytes", "parameters", "threads"])
      let single = ["--set", "model.architecture=\"deeplabv3\"", "--set", "training.batch_size=1"]
      #expect(try shop.segtrain(line + ["--only", "inference"] + single).status == 0)
      for command in [line, ["model", "summary", "--config", "config.json"]] {
        let refused = try shop.segtrain(command + single)
        #expect(refused.exit == .badConfig && refused.errors.contains("use batch_size ≥ 2"))
      }
      let mistakes = [
        ([], "expected either --config or --stack"),
        (
          ["--config", "config.json", "--stack", "resnet50"], "expected either --config or --stack"
        ),
        (["--stack", "resnet18"], "expected one of resnet50, resnet101, resnet152"),
        (["--stack", "resnet50", "--set", "seed=2"], "--stack has none"),
        (["--stack", "resnet50", "--only", "inference"], "a stack is timed in training only"),
        (["--config", "config.json", "--only", "both"], "expected train or inference"),
        (["--config", "config.json", "--only", "train", "--layers"], "leave --only out"),
        (["--config", "config.json", "--layers", "--losses"], "goes with neither"),
      ]
      for (options, message) in mistakes {
        let result = try shop.segtrain(["bench"] + options)
        #expect(result.exit == .usage && result.errors.contains(message), "\(result.errors)")
      }
    }

    @Test("doctor, version, help and a command that is none")
    func doctor() throws {
      let shop = try Workshop(train: 1, val: 0)
      let doctor = try shop.segtrain(["doctor"])
      #expect(doctor.status == 0 && doctor.output.hasSuffix("everything needed is here\n"))
      #expect(try shop.segtrain(["doctor", "--json"]).json["cores"]?.integer ?? 0 > 0)
      #expect(try shop.segtrain(["--version"]).output == "0.1.0\n")
      #expect(try shop.segtrain(["train", "--help"]).output.contains("--resume"))
      #expect(try shop.segtrain(["trian"]).exit == .usage)
    }

    @Test("A reader that goes away, and a full disk behind standard output")
    func output() throws {
      let shop = try Workshop(train: 1, val: 0)
      let full = try shop.segtrain(["config", "schema"], limits: "exec >/dev/full")
      #expect(full.exit == .io && full.errors.contains("standard output: cannot write"))
    }
  }
}
