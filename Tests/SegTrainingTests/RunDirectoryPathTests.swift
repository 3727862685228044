import SegCore
import SegTestSupport
import SegTraining
import Testing

@Suite struct RunDirectoryPathTests {
  private static func make(_ folder: TemporaryFolder, best: [String: Int] = [:]) throws {
    let run = try RunDirectory.create(folder["run"])
    try run.write(RunDirectory.configName, "{}")
    let writer = CheckpointWriter(run, keep: 9)
    for step in 1...3 {
      try writer.save(
        SmallRun.contents(step), best: best.filter { $0.value == step }.map(\.key).sorted())
    }
  }

  @Test func runDirectory() throws {
    let folder = try TemporaryFolder()
    try Self.make(folder)
    let last = try CheckpointPath.resolve(folder["run"])
    #expect(last.step == 3)
    #expect(last.model == folder["run/checkpoints/step_0000003/model.safetensors"])
    #expect(last.checkpoint == folder["run/checkpoints/step_0000003"])
    #expect(last.run == folder["run"])
    #expect(last.config == folder["run/config.json"])
    #expect(try CheckpointPath.resolve(folder["run/"]).step == 3)
    #expect(try CheckpointPath.resolve(folder["run/checkpoints"]).step == 3)
  }

  @Test func best() throws {
    let folder = try TemporaryFolder()
    try Self.make(folder, best: ["mean_iou": 2, "loss": 1])
    #expect(try CheckpointPath.resolve(folder["run"]).step == 2)
    #expect(try CheckpointPath.resolve(folder["run"], bestBy: ["loss", "mean_iou"]).step == 1)
    #expect(try CheckpointPath.resolve(folder["run"], bestBy: ["other"]).step == 2)
    try FileSystem.standard.removeFile(folder["run/checkpoints/best_mean_iou"])
    #expect(try CheckpointPath.resolve(folder["run"]).step == 1)
  }

  @Test func checkpointAndFile() throws {
    let folder = try TemporaryFolder()
    try Self.make(folder)
    for path in [
      "run/checkpoints/step_0000002", "run/checkpoints/step_0000002/",
      "run/checkpoints/step_0000002/model.safetensors",
    ] {
      let found = try CheckpointPath.resolve(folder[path])
      #expect(found.step == 2, "\(path)")
      #expect(found.run == folder["run"], "\(path)")
      #expect(FileSystem.kind(of: found.model) == .file)
    }
    #expect(try CheckpointPath.resolve(folder["run/checkpoints/last"]).step == 3)

    try SafetensorsFile().write(to: folder["alone.safetensors"])
    let alone = try CheckpointPath.resolve(folder["alone.safetensors"])
    #expect(alone.model == folder["alone.safetensors"])
    #expect(alone.checkpoint == nil)
    #expect(alone.run == nil)
    // Weights published without the state of the optimizer.
    try FileSystem.standard.makeDirectories(folder["published"])
    try SafetensorsFile().write(to: folder["published/model.safetensors"])
    let published = try CheckpointPath.resolve(folder["published"])
    #expect(published.run == nil)
    #expect(published.config == nil)
    #expect(published.step == nil)
  }

  @Test func refusals() throws {
    let folder = try TemporaryFolder()
    try Self.make(folder)
    try AtomicFile.write("x", to: folder["weights.txt"])
    try FileSystem.standard.makeDirectories(folder["empty"])
    try FileSystem.standard.makeDirectories(folder["young/checkpoints"])
    try AtomicFile.write("step_0000009\n", to: folder["run/checkpoints/best_gone"])
    try AtomicFile.write("../../etc\n", to: folder["run/checkpoints/best_odd"])
    let cases: [(String, SegCore.ExitStatus, String)] = [
      ("none", .inputMissing, "found nothing of that name"),
      ("weights.txt", .usage, "found another file"),
      ("empty", .inputMissing, "expected a run directory with checkpoints, found none in it"),
      ("young", .inputMissing, "expected a run directory with checkpoints, found none in it"),
      ("run/checkpoints/best_gone", .inputMissing, "the checkpoint step_0000009 it names"),
      ("run/checkpoints/best_odd", .badData, #"step_0000500, found "../../etc""#),
      // The best checkpoint is gone: no other one takes its place.
      ("run", .inputMissing, "expected the checkpoint step_0000009 it names, found none"),
    ]
    for (path, status, problem) in cases {
      let error = failure { () throws(Failure) in
        _ = try CheckpointPath.resolve(folder[path])
      }
      #expect(error.status == status, "\(path)")
      #expect(error.problem.contains(problem), "\(path): \(error)")
      #expect(error.hint != nil, "\(path)")
    }
  }
}
