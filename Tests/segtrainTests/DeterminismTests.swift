import Glibc
import SegCore
import SegTestSupport
import Testing

extension EndToEnd {
  /// A run is a function of its config: threads, workers, stops and crashes leave no trace.
  @Suite struct DeterminismTests {
    /// Everything that draws random numbers or remembers, and a batch that takes two passes.
    static let everything: [(String, String)] = [
      ("loss.terms", #"[{"type":"recall","ema":0.5},{"type":"ohem"}]"#),
      (
        "augment",
        #"{"scale_range":[0.7,1.5],"crop_size":[32,48],"flip":0.5,"color_jitter":{"brightness":0.2,"contrast":0.2,"saturation":0.2}}"#
      ),
      ("model.architecture", "deeplabv3"), ("model.dropout", "0.3"), ("model.aux_head", "true"),
      ("training.accumulate", "2"), ("training.clip_norm", "1"), ("data.workers", "2"),
      ("lr_schedule", #"{"type":"poly","warmup_iterations":3}"#), ("training.ema_decay", "0.9"),
    ]

    /// Small checkpoints: only the head learns.
    static let headOnly: [(String, String)] = [
      ("model.train_only", #"["classifier"]"#), ("optimizer.momentum", "0.9"),
    ]

    @Test(
      "A run stopped by a signal and resumed equals one that was not stopped",
      arguments: [
        (
          #"{"type":"sgd","lr":0.01,"momentum":0.9,"weight_decay":1e-4,"no_decay":["bias","batch_norm"]}"#,
          SIGINT
        ),
        (#"{"type":"adam","lr":1e-3}"#, SIGTERM),
      ])
    func stopped(optimizer: String, signal: Int32) throws {
      let shop = try Workshop()
      try shop.configure(
        Self.everything + [
          ("optimizer", optimizer), ("training.iterations", "16"), ("evaluation.interval", "5"),
          ("log.interval", "3"),
        ])
      #expect(try shop.train("whole").status == 0)
      let run = try Program(shop.arguments("parts"), in: shop.path)
      run.wait { run.errorsSoFar.contains("iter 3/16") }
      run.send(signal)
      let stopped = run.wait()
      #expect(stopped.exit == .stoppedEarly, "\(stopped)")
      let name = signal == SIGINT ? "SIGINT" : "SIGTERM"
      #expect(stopped.errors.contains("\(name): stopped after iteration "))
      #expect(try shop.train("parts", ["--resume"]).status == 0)
      try expectSameRun(shop["whole/run"], shop["parts/run"])
    }

    /// Everything that changes with the iteration: two groups taking turns, weights that come in late.
    static let scheduled = #"""
      {"terms": [
         {"type": "recall", "weight": 0.5, "group": "first"},
         {"type": "ldam", "s": 3, "drw_start": 0.5, "group": "second"},
         {"type": "cross_entropy", "group": "first",
          "class_weights": {"rule": "effective", "variant": "recall_code"}}],
       "schedule": {"type": "alternating"}}
      """#

    @Test("A run killed inside a loss schedule and resumed equals one that was not")
    func scheduled() throws {
      let shop = try Workshop()
      try shop.configure(
        Self.headOnly + [
          ("loss", Self.scheduled), ("training.iterations", "10"), ("checkpoint.interval", "3"),
          ("evaluation.interval", "5"),
        ])
      #expect(try shop.train("whole").status == 0)
      let run = try Program(shop.arguments("parts"), in: shop.path)
      run.wait { run.errorsSoFar.contains("iter 7/10") }
      run.send(SIGKILL)
      run.wait()
      #expect(try shop.train("parts", ["--resume"]).status == 0)
      try expectSameRun(shop["whole/run"], shop["parts/run"])

      // What is logged is what was minimised.
      let lines = try shop.text("whole/run/metrics.jsonl").split(separator: "\n")
      let steps = try lines.map { try JSONNode.parse(Array($0.utf8), name: "line").value }
        .filter { $0["event"]?.text == "train" }
      #expect(steps.count == 10)
      let names = ["recall", "ldam", "cross_entropy"]
      for (step, t) in zip(steps, [1, 0.8, 0.6, 0.4, 0.2, 0]) {
        let weights = names.map { step["weights"]?[$0]?.number ?? .nan }
        for (weight, expected) in zip(weights, [0.5 * (1 - t), t, 1 - t]) {
          #expect(abs(weight - expected) < 1e-12)
        }
        let terms = names.map { step["terms"]?[$0]?.number ?? .nan }
        let loss = zip(weights, terms).map { $0 * $1 }.reduce(0, +)
        #expect(abs((step["loss"]?.number ?? .nan) - loss) <= 1e-6 * loss)
      }

      // A model on its own knows how far its run was and what was counted.
      let checkpoint = "whole/run/checkpoints/step_0000010"
      let scored = try shop.segtrain(["eval", "--checkpoint", checkpoint, "--json"])
      #expect(
        try scored.json["loss"]?.number
          == shop.json("whole/run/eval/val@10/summary.json")["loss"]?
          .number)
    }

    @Test(
      "One, two and three threads give the same bytes", arguments: ["none", "cheap", "segments"])
    func threads(recompute: String) throws {
      let shop = try Workshop()
      try shop.configure(
        Self.everything + [("training.iterations", "3"), ("engine.recompute", "\"\(recompute)\"")])
      for threads in ["1", "2", "3"] {
        #expect(try shop.train(threads, ["--threads", threads]).status == 0)
      }
      for threads in ["2", "3"] {
        try expectSameRun(shop["1/run"], shop["\(threads)/run"], mask: .threads)
      }
    }

    /// Also where one policy goes on with what another has begun.
    @Test("Every recompute policy gives the same bytes, also across stop and resume")
    func recompute() throws {
      let shop = try Workshop()
      try shop.configure(
        Self.everything + [("training.iterations", "4"), ("checkpoint.interval", "2")])
      let policies = ["none", "cheap", "segments"].map { ["--set", "engine.recompute=\($0)"] }
      for (index, policy) in policies.enumerated() {
        #expect(try shop.train("\(index)", policy).status == 0)
        let run = try Program(shop.arguments("\(index)parts", policy), in: shop.path)
        run.wait { run.errorsSoFar.contains("iter 2/4") }
        run.send(SIGKILL)
        run.wait()
        #expect(try shop.train("\(index)parts", policy + ["--resume"]).status == 0)
        try expectSameRun(shop["\(index)/run"], shop["\(index)parts/run"])
        try expectSameRun(shop["0/run"], shop["\(index)/run"], mask: .config)
      }
    }

    @Test("Traces change nothing else in a run, and a killed run has each of their rows once")
    func traces() throws {
      let shop = try Workshop()
      try shop.configure(
        Self.everything + Self.headOnly.prefix(1) + [
          ("training.iterations", "4"), ("checkpoint.interval", "2"), ("log.interval", "1"),
        ])
      let on = ["--set", "log.traces=true"]
      #expect(try shop.train("plain").status == 0)
      #expect(try shop.train("whole", on).status == 0)
      let run = try Program(shop.arguments("parts", on), in: shop.path)
      run.wait { run.errorsSoFar.contains("iter 3/4") }
      run.send(SIGKILL)
      run.wait()
      #expect(try shop.train("parts", on + ["--resume"]).status == 0)
      try expectSameRun(shop["whole/run"], shop["parts/run"])
      let rows = try shop.text("whole/run/traces.csv").split(separator: "\n")
      #expect(rows.count == 1 + 4 * 10)
      let weights = "run/checkpoints/step_0000004/model.safetensors"
      let tensors = try ["plain", "whole"].map { name in
        let reader = try SafetensorsReader(shop["\(name)/\(weights)"])
        return try reader.entries.map { try reader.tensor($0) }
      }
      let areEqual = tensors[0] == tensors[1]
      #expect(areEqual)
      #expect(!shop.exists("plain/run/traces.csv"))
    }

    @Test("One and three data workers give the same bytes")
    func workers() throws {
      let shop = try Workshop()
      try shop.configure(Self.everything + [("training.iterations", "3")])
      for workers in ["1", "3"] {
        #expect(try shop.train(workers, ["--set", "data.workers=\(workers)"]).status == 0)
      }
      try expectSameRun(shop["1/run"], shop["3/run"], mask: .config)
    }

    @Test("The same config gives the same run, another seed another one")
    func seeds() throws {
      let shop = try Workshop()
      try shop.configure(Self.headOnly)
      for name in ["a", "b"] { #expect(try shop.train(name).status == 0) }
      #expect(try shop.train("c", ["--set", "seed=4"]).status == 0)
      try expectSameRun(shop["a/run"], shop["b/run"])
      let (a, c) = (try RunFiles(shop["a/run"]), try RunFiles(shop["c/run"]))
      #expect(RunFiles.differences(a, c).contains { $0.hasPrefix("metrics.jsonl") })
    }

    @Test("A run killed at any moment and resumed equals one that was not", arguments: 0..<5)
    func killed(number: Int) throws {
      let shop = try Workshop()
      try shop.configure(
        Self.headOnly + [
          ("training.iterations", "6"), ("checkpoint.interval", "\(1 + number % 2)"),
          ("evaluation.interval", "3"),
        ])
      let clock = ContinuousClock()
      let start = clock.now
      #expect(try shop.train("whole").status == 0)
      let length = clock.now - start
      var random = CounterRNG(seed: 11, stream: 0, step: UInt64(number))
      let run = try Program(shop.arguments("parts"), in: shop.path)
      let moment = clock.now + length * random.uniform(0.2, 1)
      run.wait { clock.now > moment }
      run.send(SIGKILL)
      run.wait()
      let more = shop.exists("parts/run") ? ["--resume"] : []
      let resumed = try shop.train("parts", more)
      #expect(resumed.status == 0, "\(resumed.errors)")
      try expectSameRun(shop["whole/run"], shop["parts/run"])
    }

    @Test(
      "A run killed before its first checkpoint begins again",
      arguments: ["env.json", "log.txt", "tb/events.out.tfevents.0.segtrain", "iter 1/", "iter 2/"])
    func killedEarly(sign: String) throws {
      let shop = try Workshop()
      try shop.configure(Self.headOnly + [("training.iterations", "3")])
      #expect(try shop.train("whole").status == 0)
      let run = try Program(shop.arguments("parts"), in: shop.path)
      run.wait { shop.exists("parts/run/\(sign)") || run.errorsSoFar.contains(sign) }
      run.send(SIGKILL)
      run.wait()
      let resumed = try shop.train("parts", ["--resume"])
      #expect(resumed.status == 0, "\(resumed.errors)")
      try expectSameRun(shop["whole/run"], shop["parts/run"])
    }

    @Test("Samples left out are told once, also by a run that was killed")
    func skipped() throws {
      let shop = try Workshop()
      try shop.configure(
        Self.headOnly + [
          ("data.on_bad_sample", "skip"), ("training.iterations", "8"),
          ("checkpoint.interval", "3"), ("evaluation.interval", "4"),
        ])
      try AtomicFile.write("no picture", to: shop["data/train/0002.png"])
      try AtomicFile.write("no picture", to: shop["data/val/0001.png"])
      #expect(try shop.train("whole").status == 0)
      let log = try shop.text("whole/run/log.txt").split(separator: "\n")
      #expect(log.count { $0.contains("0002.png: not a PNG or JPEG") } == 1)
      #expect(log.count { $0.contains("0001.png: not a PNG or JPEG") } == 2)
      let run = try Program(shop.arguments("parts"), in: shop.path)
      run.wait { run.errorsSoFar.contains("iter 5/8") }
      run.send(SIGKILL)
      run.wait()
      #expect(try shop.train("parts", ["--resume"]).status == 0)
      try expectSameRun(shop["whole/run"], shop["parts/run"])
    }
  }
}
