import Glibc
import SegCore
import SegData
import SegTestSupport
import Testing

extension EndToEnd {
  /// Runs that go wrong after they have begun, and runs that are gone on with in the wrong way.
  @Suite struct RunFaultTests {
    @Test(
      "A divergence names the first tensor that is not finite and keeps the last good checkpoint")
    func diverged() throws {
      let shop = try Workshop()
      try shop.configure()
      #expect(try shop.train("a").status == 0)
      // As if this run had had the wrong learning rate all along.
      try shop.configure([
        ("optimizer.lr", "10"), ("loss.terms.0.weight", "1e6"), ("training.iterations", "9"),
      ])
      try AtomicFile.write(shop.text("config.json"), to: shop["a/run/config.json"])
      let run = try shop.train("a", ["--resume", "--quiet"])
      #expect(run.exit == .diverged)
      #expect(run.errors.contains("error: iteration "), "\(run.errors)")
      #expect(
        run.errors.contains("first tensor that is not finite: ")
          || run.errors.contains("not finite after the step: "))
      #expect(run.errors.contains("hint: lower optimizer.lr"))
      #expect(run.errors.contains("checkpoint of step 2 is kept"))
      #expect(try shop.text("a/run/log.txt").contains("finite"))
      let evaluated = try shop.segtrain(["eval", "--checkpoint", "a/run", "--json"])
      #expect(evaluated.status == 0, "\(evaluated.errors)")
    }

    @Test("Weights that are not finite are named")
    func brokenWeights() throws {
      let shop = try Workshop()
      try shop.configure()
      let weights = HostTensor(
        name: "backbone.layer2.0.bn1.weight", shape: [128],
        values: [Float](repeating: .nan, count: 128))
      try AtomicFile.write(shop["nan.safetensors"]) { file throws(Failure) in
        try SafetensorsWriter.write([TensorSource(weights)], to: file)
      }
      let run = try shop.train(
        "a",
        ["--set", "model.weights=nan.safetensors", "--set", "model.weights_scope=matching"])
      #expect(run.exit == .diverged)
      #expect(
        run.errors.contains(
          "first tensor that is not finite: parameter backbone.layer2.0.bn1.weight; learning rate "),
        "\(run.errors)")
      #expect(run.errors.contains("no checkpoint was written yet"))
      #expect(!shop.exists("a/run/checkpoints/last"))
    }

    @Test("A disk that fills up ends the run with 74 and leaves the checkpoint before it whole")
    func fullDisk() throws {
      let shop = try Workshop()
      try shop.configure([("checkpoint.interval", "1"), ("evaluation.interval", "1")])
      #expect(try shop.train("whole").status == 0)
      #expect(try shop.train("a", ["--set", "training.iterations=1"]).status == 0)
      // 10 MB a file: logs and scores fit, weights do not.
      let full = try shop.train("a", ["--resume"], limits: "ulimit -f 20000")
      #expect(full.exit == .io)
      #expect(
        full.errors.contains("a/run/checkpoints/step_0000002/model.safetensors: cannot write: "),
        "\(full.errors)")
      #expect(full.errors.contains("(ulimit -f)"))
      let names = try FileSystem.entries(of: shop["a/run/checkpoints"])
      #expect(names == ["best_mean_iou", "last", "step_0000001"])
      #expect(try shop.segtrain(["eval", "--checkpoint", "a/run"]).status == 0)
      #expect(try shop.train("a", ["--resume"]).status == 0)
      let model = "run/checkpoints/step_0000002/model.safetensors"
      #expect(
        try SHA256.hash(fileAt: shop["whole/\(model)"]) == SHA256.hash(fileAt: shop["a/\(model)"]))
    }

    @Test("A run directory is never begun twice, nor gone on with by another config")
    func misused() throws {
      let shop = try Workshop()
      try shop.configure(DeterminismTests.headOnly)
      #expect(try shop.train("a").status == 0)
      let before = try RunFiles(shop["a/run"])
      let twice = try shop.train("a")
      #expect(twice.exit == .usage)
      #expect(
        twice.errors
          == "error: a/run: expected a new name for the run, found a run directory that exists "
          + "already\n  hint: continue it with --resume, or choose another --run-dir\n")
      let other = try shop.train(
        "a", ["--resume", "--set", "optimizer.lr=0.5", "--set", "seed=9"])
      #expect(other.exit == .badConfig)
      #expect(
        other.errors
          == "error: a/run: the run was started with another configuration:\n"
          + "  seed was 3, is 9\n  optimizer.lr was 0.01, is 0.5\n"
          + "  hint: resume with the configuration in a/run/config.json, or start a new run\n")
      let none = try shop.train("b", ["--resume"])
      #expect(none.exit == .inputMissing)
      #expect(none.errors.contains("b/run: expected a run directory to resume, found none"))
      let blocked = try shop.segtrain(
        ["train", "--config", "config.json", "--run-dir", "config.json/run"])
      #expect(blocked.exit == .io)
      #expect(
        blocked.errors.contains("error: config.json: cannot create the folder: Not a directory"))
      let complete = try shop.train("a", ["--resume"])
      #expect(complete.status == 0)
      #expect(complete.errors.contains("the run is complete: 2 of 2 iterations"))
      #expect(RunFiles.differences(before, try RunFiles(shop["a/run"])) == [])
    }

    @Test("Two processes do not train into one directory")
    func locked() throws {
      let shop = try Workshop()
      try shop.configure([("training.iterations", "500")])
      let first = try Program(shop.arguments("a"), in: shop.path)
      first.wait { first.errorsSoFar.contains("iter 1/") }
      let second = try shop.train("a", ["--resume"])
      #expect(second.exit == .io)
      #expect(second.errors.contains("another process is writing into this folder"))
      first.send(SIGKILL)
      first.wait()
    }

    @Test("Damaged checkpoints are passed over by resume and refused by eval")
    func damaged() throws {
      let shop = try Workshop()
      try shop.configure([
        ("training.iterations", "3"), ("checkpoint.interval", "1"), ("evaluation.interval", "1"),
      ])
      #expect(try shop.train("a").status == 0)
      let whole = try RunFiles(shop["a/run"])
      let path = "a/run/checkpoints/step_0000003/model.safetensors"
      var bytes = try InputFile.contents(of: shop[path])
      bytes[bytes.count / 2] ^= 1
      try AtomicFile.write(bytes, to: shop[path])
      let evaluated = try shop.segtrain(
        ["eval", "--checkpoint", "a/run/checkpoints/step_0000003"])
      #expect(evaluated.exit == .badData)
      #expect(evaluated.errors.contains("\(path): expected SHA-256 "), "\(evaluated.errors)")
      let resumed = try shop.train("a", ["--resume"])
      #expect(resumed.status == 0)
      #expect(
        resumed.errors.hasPrefix(
          "checkpoint step_0000003 is passed over: \(path): expected SHA-256 "))
      #expect(resumed.errors.contains("resuming after iteration 2\n"))
      #expect(RunFiles.differences(whole, try RunFiles(shop["a/run"])) == [])

      try AtomicFile.write(Array(bytes.prefix(1000)), to: shop["cut.safetensors"])
      let cut = try shop.segtrain(
        ["eval", "--checkpoint", "cut.safetensors", "--config", "config.json"])
      #expect(cut.exit == .badData && cut.errors.contains("cut.safetensors: "), "\(cut.errors)")
      let missing = try shop.segtrain(["eval", "--checkpoint", "nothing"])
      #expect(missing.exit == .inputMissing)
      #expect(
        missing.errors
          == "error: nothing: expected a run directory, a checkpoint or a weight file "
          + "(.safetensors, .pth, .pt), found nothing of that name\n  hint: check the path\n")
    }

    @Test("Weights that do not fit are reported name by name")
    func misfit() throws {
      let shop = try Workshop()
      try shop.configure()
      let tensors = [("backbone.conv1.wieght", [64, 3, 7, 7]), ("classifier.4.bias", [11])].map {
        name, dims in
        HostTensor(
          name: name, shape: Shape(dims),
          values: [Float](repeating: 0, count: dims.reduce(1, *)))
      }
      try AtomicFile.write(shop["odd.safetensors"]) { file throws(Failure) in
        try SafetensorsWriter.write(
          tensors.map { TensorSource($0) }, to: file)
      }
      let lines = [
        "odd.safetensors (safetensors): 0 tensors loaded, 0.0 % of the parameters",
        "missing in the file:",
        "backbone.conv1.weight (nearest: backbone.conv1.wieght)", "… and ",
        "1 not in the network:", "backbone.conv1.wieght (nearest: backbone.conv1.weight)",
        "1 of another shape:", "classifier.4.bias: [10] here, [11] in the file",
      ]
      let training = try shop.train("a", ["--set", "model.weights=odd.safetensors"])
      let scoring = try shop.segtrain(
        ["eval", "--checkpoint", "odd.safetensors", "--config", "config.json"])
      for refused in [training, scoring] {
        #expect(refused.exit == .badData)
        for line in lines { #expect(refused.errors.contains(line), "\(line)\n\(refused.errors)") }
      }
      #expect(training.errors.contains("error: model.weights: "))
      #expect(training.errors.contains("set model.weights_scope to"))
      #expect(scoring.errors.contains("error: odd.safetensors: "))
      #expect(!scoring.errors.contains("weights_scope"))
      #expect(!shop.exists("a/run"))
      let bare = try shop.segtrain(["eval", "--checkpoint", "odd.safetensors"])
      #expect(bare.exit == .badConfig)
      #expect(bare.errors.contains("give the run config it belongs to with --config"))
    }

    @Test("The smaller last batch of an epoch is trained on when drop_last is off")
    func lastBatch() throws {
      let shop = try Workshop(train: 5)
      try shop.configure([
        ("training.drop_last", "false"), ("training.batch_size", "3"),
        ("training.iterations", "4"), ("training.shuffle", "false"),
      ])
      #expect(try shop.train("a").status == 0)
      let events = try shop.text("a/run/metrics.jsonl").split(separator: "\n").map {
        try JSONNode.parse(Array($0.utf8), name: "metrics.jsonl").value
      }
      #expect(events.prefix(4).map { $0["epoch"]?.integer } == [0, 0, 1, 1])
      // Its own batch, not what a larger one left behind: these two samples alone give the same loss.
      let firsts = try Workshop(train: 5)
      try firsts.configure([
        ("training.drop_last", "false"), ("training.batch_size", "3"),
        ("training.iterations", "2"), ("training.shuffle", "false"), ("optimizer.lr", "0"),
        ("model.dropout", "0"),
      ])
      #expect(try firsts.train("a").status == 0)
      let alone = try Workshop(train: 5)
      for folder in ["train", "trainannot"] {
        for name in ["0000.png", "0001.png", "0002.png"] {
          try FileSystem.standard.removeFile(alone["data/\(folder)/\(name)"])
        }
      }
      try alone.configure([
        ("training.batch_size", "2"), ("training.iterations", "1"), ("training.shuffle", "false"),
        ("optimizer.lr", "0"), ("model.dropout", "0"),
      ])
      #expect(try alone.train("a").status == 0)
      func losses(_ shop: Workshop) throws -> [JSONValue?] {
        try shop.text("a/run/metrics.jsonl").split(separator: "\n").map {
          try JSONNode.parse(Array($0.utf8), name: "metrics.jsonl").value
        }.filter { $0["event"] == .string("train") }.map { $0["loss"] }
      }
      #expect(try losses(firsts).count == 2)
      #expect(try losses(firsts).last == losses(alone).first)
    }
  }
}
