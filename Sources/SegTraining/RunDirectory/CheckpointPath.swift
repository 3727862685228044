public import SegCore

/// Which model a user means by a path: a run directory, a checkpoint directory, one of the pointer
/// files or a weight file.
public struct CheckpointPath: Sendable, Equatable {
  /// The weights: a `.safetensors` file, or one of PyTorch's.
  public var model: String
  /// The checkpoint folder; nil for a file that stands alone.
  public var checkpoint: String?
  /// The run directory the checkpoint lies in; nil outside of one.
  public var run: String?
  /// The step in the checkpoint's name.
  public var step: Int?

  /// The configuration the model was trained with, where it is known.
  public var config: String? { run.map { FilePath.join($0, RunDirectory.configName) } }

  /// - Parameters:
  ///   - path: a run directory stands for its best checkpoint, else for its last.
  ///   - bestBy: metrics in the order in which their best checkpoint is looked for; after them come
  ///     `mean_iou` and the others by name.
  /// - Throws: `.inputMissing` where there is nothing of that kind.
  public static func resolve(
    _ path: String, bestBy: [String] = []
  ) throws(Failure) -> CheckpointPath {
    switch FileSystem.kind(of: path) {
    case nil:
      throw Failure(
        .inputMissing, path,
        "expected a run directory, a checkpoint or a weight file "
          + "(\(weightSuffixes.joined(separator: ", "))), found nothing of that name",
        hint: "check the path")
    case .directory?: return try directory(path, bestBy)
    default:
      if weightSuffixes.contains(where: path.hasSuffix) { return file(path) }
      let name = FilePath.name(of: path)
      let folder = CheckpointFolder(FilePath.parent(of: path))
      if CheckpointFolder.isPointer(name), let target = try folder.pointer(name) {
        return try checkpoint(folder, target, namedBy: path)
      }
      throw Failure(
        .usage, path,
        "expected a run directory, a checkpoint or a weight file "
          + "(\(weightSuffixes.joined(separator: ", "))), found another file",
        hint: "check the path")
    }
  }

  static let weightSuffixes = [".safetensors", ".pth", ".pt"]

  private static func file(_ path: String) -> CheckpointPath {
    let folder = FilePath.parent(of: path)
    guard FileSystem.kind(of: FilePath.join(folder, Checkpoint.stateName)) == .file else {
      return CheckpointPath(model: path)
    }
    var found = inCheckpoint(folder)
    found.model = path
    return found
  }

  private static func directory(
    _ path: String, _ bestBy: [String]
  ) throws(Failure) -> CheckpointPath {
    if FileSystem.kind(of: FilePath.join(path, Checkpoint.modelName)) == .file {
      return inCheckpoint(path)
    }
    var folder = CheckpointFolder(FilePath.join(path, RunDirectory.checkpointsName))
    if FileSystem.kind(of: folder.path) != .directory { folder = CheckpointFolder(path) }
    let present = try FileSystem.entries(of: folder.path).filter(CheckpointFolder.isPointer)
    let wanted =
      (bestBy + ["mean_iou"]).map { CheckpointFolder.bestPrefix + $0 }
      + present.filter { $0.hasPrefix(CheckpointFolder.bestPrefix) } + [CheckpointFolder.lastName]
    for name in wanted where present.contains(name) {
      if let target = try folder.pointer(name) {
        return try checkpoint(folder, target, namedBy: FilePath.join(folder.path, name))
      }
    }
    // A run that was killed between its first checkpoint and the pointer to it.
    if let step = try folder.steps().last { return inCheckpoint(folder.path(step: step)) }
    throw Failure(
      .inputMissing, path, "expected a run directory with checkpoints, found none in it",
      hint: "the run may have ended before its first checkpoint")
  }

  /// Taking another checkpoint in silence would give numbers of a model nobody asked for.
  private static func checkpoint(
    _ folder: CheckpointFolder, _ target: String, namedBy pointer: String
  ) throws(Failure) -> CheckpointPath {
    let path = FilePath.join(folder.path, target)
    guard FileSystem.kind(of: FilePath.join(path, Checkpoint.modelName)) == .file else {
      throw Failure(
        .inputMissing, pointer, "expected the checkpoint \(target) it names, found none",
        hint: "name another checkpoint folder")
    }
    return inCheckpoint(path)
  }

  private static func inCheckpoint(_ path: String) -> CheckpointPath {
    let run = above(above(path))
    let isRun = FileSystem.kind(of: FilePath.join(run, RunDirectory.configName)) == .file
    return CheckpointPath(
      model: FilePath.join(path, Checkpoint.modelName), checkpoint: path, run: isRun ? run : nil,
      step: Checkpoint.step(ofName: FilePath.name(of: path)))
  }

  /// The folder above, also of `.` and `..`.
  private static func above(_ path: String) -> String {
    ["", ".", ".."].contains(FilePath.name(of: path))
      ? FilePath.join(path, "..") : FilePath.parent(of: path)
  }
}
