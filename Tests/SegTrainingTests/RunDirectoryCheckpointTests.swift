import Glibc
import SegCore
import SegTestSupport
import SegTraining
import Testing

/// A small run whose tensors tell the step they were written at.
struct SmallRun {
  static func contents(_ step: Int, size: Int = 6) -> CheckpointContents {
    CheckpointContents(
      step: step,
      model: [
        TensorSource(name: "conv.weight", shape: [2, size / 2]) {
          [Float](repeating: Float(step), count: size)
        },
        TensorSource(
          StoredTensor(name: "bn.num_batches_tracked", shape: [], integers: [Int64(step)])),
      ],
      modelMetadata: [("format", "pt")],
      optimizer: [
        TensorSource(name: "momentum.conv.weight", shape: [size]) {
          [Float](repeating: -Float(step), count: size)
        }
      ],
      state: .fields(["best": .fields(["mean_iou": .number(0.125)]), "seed": .integer(3)]))
  }

  /// The step all parts of a checkpoint tell, nil where they differ.
  static func stepInside(_ checkpoint: Checkpoint) throws -> Int? {
    let model = try SafetensorsFile.read(checkpoint.model)
    let optimizer = try SafetensorsFile.read(checkpoint.optimizer)
    let step = Float(checkpoint.step)
    let isWhole =
      try model["conv.weight"]?.floats().allSatisfy { $0 == step } == true
      && model["bn.num_batches_tracked"]?.integers() == [checkpoint.step]
      && optimizer["momentum.conv.weight"]?.floats().allSatisfy { $0 == -step } == true
    return isWhole ? checkpoint.step : nil
  }
}

@Suite struct RunDirectoryCheckpointTests {
  @Test func names() {
    #expect(Checkpoint.name(step: 500) == "step_0000500")
    #expect(Checkpoint.name(step: 123_456_789) == "step_123456789")
    for (name, step) in [
      ("step_0000500", 500), ("step_123456789", 123_456_789), ("step_500", nil), ("step_", nil),
      ("step_-000001", nil), ("last", nil), ("step_00000500", nil), ("step_0000500.old", nil),
    ] as [(String, Int?)] {
      #expect(Checkpoint.step(ofName: name) == step, "\(name)")
    }
  }

  @Test func saveAndLoad() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(folder["run"])
    let writer = CheckpointWriter(run, keep: 2)
    #expect(try writer.folder.latestComplete().checkpoint == nil)
    try writer.save(SmallRun.contents(500), best: ["mean_iou"])
    let path = writer.folder.path(step: 500)
    #expect(
      try FileSystem.entries(of: path)
        == ["model.safetensors", "optimizer.safetensors", "state.json"])
    let (checkpoint, warnings) = try writer.folder.latestComplete()
    let found = try #require(checkpoint)
    #expect(warnings == [])
    #expect(found.step == 500)
    #expect(found.state["best"]?["mean_iou"] == .number(0.125))
    #expect(found.pointers.map(\.name) == ["last", "best_mean_iou"])
    #expect(try SmallRun.stepInside(found) == 500)
    #expect(try SafetensorsReader(found.model).metadata("format") == "pt")
    #expect(try InputFile.text(of: FilePath.join(run.checkpoints, "last")) == "step_0000500\n")
  }

  @Test func sameContentsGiveTheSameBytes() throws {
    let folder = try TemporaryFolder()
    var digests: [[String]] = []
    for name in ["a", "b"] {
      let writer = CheckpointWriter(try RunDirectory.create(folder[name]), keep: 1)
      try writer.save(SmallRun.contents(7), best: ["mean_iou"])
      let path = writer.folder.path(step: 7)
      digests.append(
        try FileSystem.entries(of: path).map { try SHA256.hash(fileAt: FilePath.join(path, $0)) })
    }
    #expect(digests[0] == digests[1])
  }

  @Test func pruning() throws {
    let folder = try TemporaryFolder()
    let writer = CheckpointWriter(try RunDirectory.create(folder["run"]), keep: 2)
    for step in 1...5 {
      try writer.save(SmallRun.contents(step), best: step == 2 ? ["mean_iou", "loss"] : [])
    }
    #expect(try writer.folder.steps() == [2, 4, 5])
    #expect(
      try writer.folder.pointers().map { "\($0.name) \($0.target)" } == [
        "best_loss step_0000002", "best_mean_iou step_0000002", "last step_0000005",
      ])
    // Going on from step 4: what is behind it stays until it is written again.
    try writer.save(SmallRun.contents(3), best: ["mean_iou"])
    #expect(try writer.folder.steps() == [2, 3, 4, 5])
    try writer.save(SmallRun.contents(5, size: 8), best: ["loss", "mean_iou"])
    #expect(try writer.folder.steps() == [4, 5])
    let (checkpoint, _) = try writer.folder.latestComplete()
    #expect(
      try SafetensorsFile.read(try #require(checkpoint).model)["conv.weight"]?.shape == [2, 4])
  }

  @Test func metricNames() throws {
    let folder = try TemporaryFolder()
    let writer = CheckpointWriter(try RunDirectory.create(folder["run"]), keep: 2)
    for name in ["", "a/b", "..", "ä"] {
      let error = failure { () throws(Failure) in
        try writer.save(SmallRun.contents(1), best: [name])
      }
      #expect(error.status == .internal)
    }
    #expect(try writer.folder.steps() == [])
  }

  @Test func restoringPointers() throws {
    let folder = try TemporaryFolder()
    let writer = CheckpointWriter(try RunDirectory.create(folder["run"]), keep: 9)
    try writer.save(SmallRun.contents(1), best: ["mean_iou"])
    try writer.save(SmallRun.contents(2))
    try writer.save(SmallRun.contents(3), best: ["mean_iou", "loss"])
    let second = try Checkpoint.load(writer.folder.path(step: 2))
    try writer.restorePointers(of: second)
    #expect(
      try writer.folder.pointers().map { "\($0.name) \($0.target)" } == [
        "best_mean_iou step_0000001", "last step_0000002",
      ])
  }

  private static let damages: [(String, String, @Sendable ([UInt8]) -> [UInt8]?)] = [
    ("model.safetensors", "expected 216 bytes, found 212", { Array($0.dropLast(4)) }),
    ("model.safetensors", "expected SHA-256", { $0.dropLast() + [$0[$0.count - 1] ^ 1] }),
    ("model.safetensors", "expected a header of at most", { [0, 0, 0, 0, 1] + $0.dropFirst(5) }),
    ("optimizer.safetensors", "expected 112 bytes, found 0", { _ in [] }),
    ("optimizer.safetensors", "No such file", { _ in nil }),
    ("state.json", "No such file", { _ in nil }),
    ("state.json", "expected a value, found the end of the text", { _ in [] }),
    ("state.json", "expected JSON", { _ in Array("# x".utf8) }),
    ("state.json", "expected \"format\": 1", { _ in Array("{}".utf8) }),
    ("state.json", "expected \"format\": 1", { _ in Array("[]".utf8) }),
    ("state.json", "expected \"format\": 1", { _ in Array("{\"format\": 2}".utf8) }),
    ("state.json", "expected a \"step\"", { _ in Array("{\"format\": 1, \"step\": -1}".utf8) }),
    ("state.json", "expected a \"state\"", { _ in Array("{\"format\": 1, \"step\": 1}".utf8) }),
    (
      "state.json", "expected model.safetensors and optimizer.safetensors in \"files\"",
      { _ in
        Array(#"{"format": 1, "step": 2, "state": {}, "pointers": {}, "files": {}}"#.utf8)
      }
    ),
    (
      "state.json", "expected the state of step 2, found that of step 1",
      { String(decoding: $0, as: UTF8.self).replacingStep() }
    ),
  ]

  /// A damaged checkpoint is passed over with a warning; where all are damaged, that is an error.
  @Test(arguments: 0..<15) func damage(number: Int) throws {
    let (name, problem, change) = Self.damages[number]
    #expect(Self.damages.count == 15)
    let folder = try TemporaryFolder()
    let writer = CheckpointWriter(try RunDirectory.create(folder["run"]), keep: 2)
    try writer.save(SmallRun.contents(1))
    try writer.save(SmallRun.contents(2))
    let file = FilePath.join(writer.folder.path(step: 2), name)
    if let bytes = change(try InputFile.contents(of: file)) {
      try AtomicFile.write(bytes, to: file)
    } else {
      try FileSystem.standard.removeFile(file)
    }
    let (checkpoint, warnings) = try writer.folder.latestComplete()
    #expect(checkpoint?.step == 1)
    #expect(warnings.count == 1)
    let warning = try #require(warnings.first)
    #expect(warning.hasPrefix("checkpoint step_0000002 is passed over: "))
    #expect(warning.contains(problem), "\(warning)")

    try FileSystem.standard.removeTree(writer.folder.path(step: 1))
    let error = failure { () throws(Failure) in _ = try writer.folder.latestComplete() }
    #expect(error.status == .badData)
    #expect(error.problem.hasPrefix("none of the 1 checkpoints is whole\n"))
  }

  @Test func fullDiskIsToldBeforehand() throws {
    let folder = try TemporaryFolder()
    let disk = FileSystem(freeBytes: 1_000_000)
    let run = try RunDirectory.create(folder["run"], fileSystem: disk)
    let error = failure { () throws(Failure) in
      try CheckpointWriter(run, keep: 1).save(SmallRun.contents(1, size: 1 << 20))
    }
    #expect(error.status == .io)
    #expect(error.problem == "expected 9 MB of free space for the checkpoint, found 0 MB")
    #expect(try FileSystem.entries(of: run.checkpoints) == [])
  }
}

extension String {
  fileprivate func replacingStep() -> [UInt8] {
    let parts = split(separator: "\"step\": 2", maxSplits: 1)
    return Array(parts.joined(separator: "\"step\": 1").utf8)
  }
}
