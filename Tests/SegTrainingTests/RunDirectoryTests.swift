import SegCore
import SegTestSupport
import SegTraining
import Testing

@Suite struct RunDirectoryTests {
  @Test func create() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(folder["runs/a"])
    #expect(run.config == folder["runs/a/config.json"])
    #expect(run.metrics == folder["runs/a/metrics.jsonl"])
    #expect(run.evaluation(split: "val", step: 500) == folder["runs/a/eval/val@500"])
    #expect(FileSystem.kind(of: run.checkpoints) == .directory)
    try run.write(RunDirectory.configName, "{}\n")
    #expect(try InputFile.text(of: run.config) == "{}\n")
  }

  @Test func refusesWhatExists() throws {
    let folder = try TemporaryFolder()
    _ = try FileSystem.standard.makeDirectory(folder["old"])
    try AtomicFile.write("", to: folder["file"])
    for (name, found) in [("old", "a run directory"), ("file", "a file")] {
      let error = failure { () throws(Failure) in _ = try RunDirectory.create(folder[name]) }
      #expect(error.status == .usage)
      #expect(error.place == folder[name])
      #expect(
        error.problem == "expected a new name for the run, found \(found) that exists already")
      #expect(error.hint == "continue it with --resume, or choose another --run-dir")
    }
    #expect(try FileSystem.entries(of: folder["old"]) == [])
  }

  @Test func cannotBeMade() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("", to: folder["file"])
    let error = failure { () throws(Failure) in
      _ = try RunDirectory.create(folder["file/run"])
    }
    #expect(error.status == .io)
    #expect(error.place == folder["file"])
    #expect(error.problem == "cannot create the folder: Not a directory (errno 20)")
    // /proc takes no folders from anybody, also not from root.
    let denied = failure { () throws(Failure) in _ = try RunDirectory.create("/proc/run") }
    #expect(denied.status == .io)
    #expect(denied.place == "/proc/run")
  }

  @Test func resume() throws {
    let folder = try TemporaryFolder()
    let none = failure { () throws(Failure) in _ = try RunDirectory.resume(folder["none"]) }
    #expect(none.status == .inputMissing)
    #expect(none.problem == "expected a run directory to resume, found none")

    // Stopped right after it was made: no folder for checkpoints, leftovers.
    _ = try FileSystem.standard.makeDirectory(folder["run"])
    try AtomicFile.write("", to: folder["run/.tmp-segtrain-4194305-1"])
    try FileSystem.standard.makeDirectories(folder["run/checkpoints/.tmp-segtrain-4194305-2"])
    try AtomicFile.write("", to: folder["run/checkpoints/.tmp-segtrain-4194305-2/model"])
    let run = try RunDirectory.resume(folder["run"])
    #expect(try FileSystem.entries(of: run.path) == ["checkpoints"])
    #expect(try FileSystem.entries(of: run.checkpoints) == [])
    let locked = failure { () throws(Failure) in _ = try RunDirectory.resume(folder["run"]) }
    #expect(locked.status == .io)
    #expect(locked.problem == "another process is writing into this folder")
    withExtendedLifetime(run) {}
  }
}
