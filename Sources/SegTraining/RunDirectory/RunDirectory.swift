public import SegCore

/// The folder that holds everything of one training run, and the names of the files in it.
///
/// A value made by `create` or `resume` holds the folder for this process: a second process that
/// wants to train into it is refused.
public struct RunDirectory: Sendable {
  public let path: String
  public let fileSystem: FileSystem
  private let lock: DirectoryLock

  /// Makes the folder, and those above it where they are missing.
  ///
  /// - Throws: `.usage` where something of that name exists, `.io` where it cannot be made.
  public static func create(
    _ path: String, fileSystem: FileSystem = .standard
  ) throws(Failure) -> RunDirectory {
    try fileSystem.makeDirectories(FilePath.parent(of: path))
    guard try fileSystem.makeDirectory(path) else {
      let found = FileSystem.kind(of: path) == .directory ? "a run directory" : "a file"
      throw Failure(
        .usage, path, "expected a new name for the run, found \(found) that exists already",
        hint: "continue it with --resume, or choose another --run-dir")
    }
    let run = try RunDirectory(path, fileSystem)
    try fileSystem.makeDirectories(run.checkpoints)
    return run
  }

  /// Opens the folder of an earlier run and removes what that run left unfinished.
  ///
  /// - Throws: `.inputMissing` where there is none, `.io` where another process trains into it.
  public static func resume(
    _ path: String, fileSystem: FileSystem = .standard
  ) throws(Failure) -> RunDirectory {
    guard FileSystem.kind(of: path) == .directory else {
      throw Failure(
        .inputMissing, path, "expected a run directory to resume, found none",
        hint: "check --run-dir, or leave --resume out to begin a new run")
    }
    let run = try RunDirectory(path, fileSystem)
    // A run that was stopped in its first moments may not have come to this.
    try fileSystem.makeDirectories(run.checkpoints)
    for folder in [path, run.checkpoints, run.tensorBoard, run.evaluations] {
      try Temporaries.removeStale(in: folder, fileSystem: fileSystem)
    }
    return run
  }

  private init(_ path: String, _ fileSystem: FileSystem) throws(Failure) {
    self.path = path
    self.fileSystem = fileSystem
    lock = try DirectoryLock(path)
  }

  /// Writes one of the small files (`config.json`, `env.json`, …) in one step.
  public func write(_ name: String, _ text: String) throws(Failure) {
    try AtomicFile.write(text, to: FilePath.join(path, name), fileSystem: fileSystem)
  }
}

extension RunDirectory {
  public static let configName = "config.json"
  public static let environmentName = "env.json"
  public static let dataName = "data.json"
  public static let checkpointsName = "checkpoints"
  public static let evaluationsName = "eval"
  public static let metricsName = "metrics.jsonl"

  /// The resolved configuration.
  public var config: String { FilePath.join(path, Self.configName) }
  public var metrics: String { FilePath.join(path, Self.metricsName) }
  public var log: String { FilePath.join(path, "log.txt") }
  public var report: String { FilePath.join(path, "report.html") }
  public var checkpoints: String { FilePath.join(path, Self.checkpointsName) }
  public var tensorBoard: String { FilePath.join(path, "tb") }
  public var evaluations: String { FilePath.join(path, Self.evaluationsName) }

  /// `eval/<split>@<step>`, the folder of one evaluation.
  public func evaluation(split: String, step: Int) -> String {
    FilePath.join(evaluations, "\(split)@\(step)")
  }
}
