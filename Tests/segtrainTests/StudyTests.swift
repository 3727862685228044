import Glibc
import SegCore
import SegTestSupport
import Testing

extension EndToEnd {
  /// Several runs from one file.
  @Suite struct StudyTests {
    /// Two losses; small checkpoints, as only the head learns.
    private static func write(
      _ shop: Workshop, iterations: Int = 2, seeds: String = "[1]", more: String = ""
    ) throws {
      let text = """
        {
          "name": "small",
          "base": {
            "data": {"layout": "streets", "root": "data"},
            "model": {"architecture": "fcn", "backbone": "resnet18", "train_only": ["classifier"]},
            "loss": {"terms": [{"type": "cross_entropy"}]},
            "optimizer": {"type": "sgd", "lr": 0.01},
            "training": {"iterations": \(iterations), "batch_size": 2},
            "checkpoint": {"interval": 2}, "log": {"interval": 1, "tensorboard": false}
          },
          "seeds": \(seeds),
          "losses": [
            {"name": "CE"}, {"name": "recall", "config": {"loss": {"terms": [{"type": "recall"}]}}}\(more)
          ],
          "bootstrap": {"resamples": 100}
        }
        """
      try AtomicFile.write(text, to: shop["study.json"])
    }

    @Test("A study trains and scores its runs, writes tables, and does nothing twice")
    func whole() throws {
      let shop = try Workshop()
      try Self.write(shop)
      let listed = try shop.segtrain(["study", "study.json", "--dry-run", "--json"]).json
      #expect(listed["runs"]?.items.map { $0["name"]?.text } == ["CE.seed1", "recall.seed1"])
      #expect(listed["runs"]?.items.allSatisfy { $0["state"]?.text == "new" } == true)
      #expect(!shop.exists("studies"))

      let run = try shop.segtrain(["study", "study.json"])
      #expect(run.status == 0, "\(run.errors)")
      let names = ["config.json", "scatter.svg", "study.csv", "study.md", "study.tex"]
      #expect(
        try FileSystem.entries(of: shop["studies/small"]) == ["CE.seed1"] + [names[0]]
          + ["recall.seed1"] + names[1...])
      #expect(try shop.text("studies/small/study.md") == run.output)
      // Each run is the run `train` makes of its config.
      let alone = try shop.segtrain([
        "train", "--config", "studies/small/recall.seed1/config.json", "--run-dir", "alone",
        "--quiet",
      ])
      #expect(alone.status == 0, "\(alone.errors)")
      let weights = "checkpoints/step_0000002/model.safetensors"
      #expect(
        try InputFile.contents(of: shop["alone/\(weights)"])
          == InputFile.contents(of: shop["studies/small/recall.seed1/\(weights)"]))
      // The table shows what the evaluation found.
      let found = try shop.json("studies/small/recall.seed1/eval/val@2/summary.json")
      let again = try shop.segtrain(["study", "study.json", "--json", "--quiet"])
      #expect(again.status == 0 && again.errors == "", "\(again.errors)")
      let losses = try again.json["groups"]?.items[0]["losses"]?.items ?? []
      try #require(losses.count == 2)
      for key in ["pixel_accuracy", "mean_accuracy", "mean_iou"] {
        #expect(losses[1]["scores"]?[key]?["mean"] == found[key])
        let base = losses[0]["scores"]?[key]?["mean"]?.number ?? .nan
        let difference = losses[1]["differences"]?[key]
        #expect(
          abs((difference?["mean"]?.number ?? .nan) - ((found[key]?.number ?? .nan) - base)) < 1e-12
        )
        let (low, high) = (difference?["low"]?.number ?? .nan, difference?["high"]?.number ?? .nan)
        #expect(low <= high)
      }
      #expect(losses[1]["scores"]?["cal"]?["mean"] == found["calibration"]?["cal"])
      #expect(losses[0]["differences"]?.keys == [])
      #expect(losses[1]["classes"]?.items.count == 10)

      // A key that matters may not change under a run that was begun; one that does not may.
      try AtomicFile.write(
        shop.text("study.json").replacing("0.01", with: "0.02"), to: shop["study.json"])
      let changed = try shop.segtrain(["study", "study.json"])
      #expect(changed.exit == .badConfig)
      #expect(
        changed.errors.contains(
          "CE.seed1: the run was begun with another configuration:\n  optimizer.lr was 0.01, is 0.02"
        ))
      let free = try shop.segtrain([
        "study", "study.json", "--set", "optimizer.lr=0.01", "--set", "engine.threads=1", "--quiet",
      ])
      #expect(free.status == 0 && free.errors == "", "\(free.errors)")
    }

    @Test("A study killed in the middle of a run goes on and ends as if it had not been")
    func killed() throws {
      let shop = try Workshop()
      try Self.write(shop, iterations: 5)
      #expect(try shop.segtrain(["study", "study.json", "--out", "whole/small"]).status == 0)
      let run = try Program(["study", "study.json", "--out", "parts/small"], in: shop.path)
      run.wait {
        shop.exists("parts/small/recall.seed1/checkpoints/last")
          || run.errorsSoFar.contains("tables and")
      }
      run.send(SIGKILL)
      run.wait()
      let listed = try shop.segtrain(["study", "study.json", "--out", "parts/small", "--dry-run"])
      #expect(listed.output.contains("2 runs in parts/small, 1 finished"), "\(listed.output)")
      #expect(listed.output.contains("recall.seed1  begun, "), "\(listed.output)")
      let stopped = try Program(["study", "study.json", "--out", "parts/small"], in: shop.path)
      stopped.wait { stopped.errorsSoFar.contains("iter ") }
      stopped.send(SIGINT)
      let outcome = stopped.wait()
      #expect(outcome.exit == .stoppedEarly || outcome.status == 0, "\(outcome.errors)")
      #expect(try shop.segtrain(["study", "study.json", "--out", "parts/small"]).status == 0)
      for name in ["CE.seed1", "recall.seed1"] {
        try expectSameRun(shop["whole/small/\(name)"], shop["parts/small/\(name)"])
      }
      for name in ["study.md", "study.csv", "study.tex", "scatter.svg"] {
        #expect(try shop.text("whole/small/\(name)") == shop.text("parts/small/\(name)"))
      }
    }

    @Test("A run that diverges is noted, the others go on, and the study exits with 76")
    func diverged() throws {
      let shop = try Workshop()
      try Self.write(
        shop, iterations: 4,
        more: #", {"name": "wild", "set": ["optimizer.lr=10", "loss.terms.0.weight=1e6"]}"#)
      let arguments = ["study", "study.json", "--only", "wild", "--only", "CE.seed1"]
      let run = try shop.segtrain(arguments)
      #expect(run.exit == .diverged, "\(run.errors)")
      #expect(run.errors.contains("1 of 3 runs diverged: wild.seed1"))
      #expect(
        run.output.contains("* wild, seed 1: diverged")
          && run.output.contains("* recall, seed 1: new"))
      #expect(!shop.exists("studies/small/recall.seed1"))
      #expect(try shop.json("studies/small/wild.seed1/cell.json")["state"]?.text == "diverged")
      let again = try shop.segtrain(arguments)
      #expect(again.exit == .diverged && !again.errors.contains("iter "), "\(again.errors)")
    }
  }
}
