import Glibc
import SegCore
import SegTestSupport
import SegTraining
import Testing

/// Disks that fail and processes that are killed while a checkpoint is written.
@Suite struct RunDirectoryFaultTests {
  /// A run with checkpoints 1 (best) and 2 that is about to write 3 and then to remove 1 and 2.
  private static func prepare(_ folder: TemporaryFolder) throws {
    try FileSystem.standard.removeTree(folder["run"])
    let writer = CheckpointWriter(try RunDirectory.create(folder["run"]), keep: 2)
    try writer.save(SmallRun.contents(1), best: ["mean_iou"])
    try writer.save(SmallRun.contents(2))
  }

  private static func saveThird(_ folder: TemporaryFolder, _ disk: FaultyDisk) throws(Failure) {
    // Opening writes nothing here, so that calls are counted from the start of the save.
    let run = try RunDirectory.resume(folder["run"], fileSystem: disk.fileSystem)
    try CheckpointWriter(run, keep: 1).save(SmallRun.contents(3), best: ["mean_iou"])
  }

  /// Everything a reader can see is whole: the newest checkpoint and those that pointers name.
  private static func check(_ folder: TemporaryFolder, _ note: Comment) throws -> Int {
    let run = try RunDirectory.resume(folder["run"])
    let checkpoints = CheckpointFolder(run.checkpoints)
    let (checkpoint, warnings) = try checkpoints.latestComplete()
    let found = try #require(checkpoint)
    #expect(warnings == [], note)
    #expect(try SmallRun.stepInside(found) == found.step, note)
    let pointers = try checkpoints.pointers()
    #expect(pointers.map(\.name) == ["best_mean_iou", "last"], note)
    for pointer in pointers {
      let named = try Checkpoint.load(FilePath.join(checkpoints.path, pointer.target))
      #expect(try SmallRun.stepInside(named) == named.step, note)
    }
    for step in try checkpoints.steps() {
      #expect(try Checkpoint.load(checkpoints.path(step: step)).step == step, note)
    }
    let names = try FileSystem.entries(of: run.checkpoints)
    #expect(!names.contains { Temporaries.isTemporary($0) }, note)
    // Going on from here works and gives what an undisturbed run has.
    let writer = CheckpointWriter(run, keep: 1)
    try writer.restorePointers(of: found)
    if found.step == 2 { try writer.save(SmallRun.contents(3), best: ["mean_iou"]) }
    try writer.save(SmallRun.contents(4))
    #expect(try checkpoints.steps() == [3, 4], note)
    #expect(try checkpoints.pointers().map(\.target) == ["step_0000003", "step_0000004"], note)
    return found.step
  }

  private static func calls() throws -> Int {
    let folder = try TemporaryFolder()
    try prepare(folder)
    let counting = FaultyDisk()
    try saveThird(folder, counting)
    return counting.calls
  }

  @Test(arguments: [ENOSPC, EIO, EACCES]) func everyCallFails(code: Int32) throws {
    let count = try Self.calls()
    #expect(count > 30)
    let folder = try TemporaryFolder()
    var steps = Set<Int>()
    for call in 0..<count {
      try Self.prepare(folder)
      let error = failure { () throws(Failure) in
        try Self.saveThird(folder, FaultyDisk(failing: call, code: code))
      }
      #expect(error.status == .io, "call \(call)")
      #expect(error.place.hasPrefix(folder["run"]), "call \(call)")
      #expect(error.problem.contains("(errno \(code))"), "call \(call): \(error)")
      #expect(error.hint != nil)
      steps.insert(try Self.check(folder, "call \(call)"))
    }
    #expect(steps == [2, 3])
  }

  @Test func killedAtEveryCall() throws {
    let count = try Self.calls()
    let folder = try TemporaryFolder()
    var steps = Set<Int>()
    for call in 0..<count {
      try Self.prepare(folder)
      _ = failure { () throws(Failure) in
        try Self.saveThird(folder, FaultyDisk(failing: call, dead: true))
      }
      steps.insert(try Self.check(folder, "killed at call \(call)"))
    }
    #expect(steps == [2, 3])
  }

  /// A process that is really killed, at moments spread over many saves.
  @Test func killedProcess() async throws {
    let folder = try TemporaryFolder()
    for trial in 0..<16 {
      try FileSystem.standard.removeTree(folder["run"])
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = folder["run"] as String, delay = (1_000 + 2_300 * trial) as Int] in
        let run = try RunDirectory.create(path)
        let writer = CheckpointWriter(run, keep: 1)
        // Counted from the first save, which takes as long as the machine is busy.
        try writer.save(SmallRun.contents(1, size: 50_000), best: ["mean_iou"])
        Task.detached {
          usleep(useconds_t(delay))
          kill(getpid(), SIGKILL)
        }
        for step in 2..<1_000_000 {
          try writer.save(SmallRun.contents(step, size: 50_000), best: ["mean_iou"])
        }
      }
      let run = try RunDirectory.resume(folder["run"])
      let checkpoints = CheckpointFolder(run.checkpoints)
      let (checkpoint, warnings) = try checkpoints.latestComplete()
      #expect(warnings == [])
      let found = try #require(checkpoint, "a checkpoint that was whole is gone")
      #expect(try SmallRun.stepInside(found) == found.step)
      for pointer in try checkpoints.pointers() {
        _ = try Checkpoint.load(FilePath.join(checkpoints.path, pointer.target))
      }
    }
  }

  @Test func logsReportFullDisks() throws {
    let folder = try TemporaryFolder()
    let disk = FileSystem { call, path in
      call == .write && !path.hasSuffix("state.json") ? ENOSPC : nil
    }
    let run = try RunDirectory.create(folder["run"], fileSystem: disk)
    let failures = [
      failure { () throws(Failure) in
        try MetricsLog(run).append(.fields(["step": .integer(1)]))
      },
      failure { () throws(Failure) in try RunLog(run).write("hello") },
      failure { () throws(Failure) in _ = try TensorBoardWriter(run) },
      failure { () throws(Failure) in try run.write("config.json", "{}") },
    ]
    for error in failures {
      #expect(error.status == .io)
      #expect(error.problem == "cannot write: No space left on device (errno 28)")
    }
    #expect(FileSystem.kind(of: run.config) == nil)
  }
}
