/// Folders that appear under their name with all their files or not at all.
///
/// The folder is built under a temporary name beside its place; every file and the folder itself are
/// brought to disk before it takes its name in one step.
public struct AtomicDirectory: ~Copyable {
  private let path: String
  private let temporary: String
  private let fileSystem: FileSystem

  /// Adds a file to the folder that is being built; errors name its final path.
  @discardableResult
  public func write(
    _ name: String, _ body: (OutputFile) throws(Failure) -> Void
  ) throws(Failure) -> AtomicFile.Written {
    try AtomicFile.writeSynchronized(
      FilePath.join(temporary, name), shownAs: FilePath.join(path, name), fileSystem, body)
  }

  /// Builds the folder `path`; a folder of that name is replaced, and is as it was after a failure.
  public static func write(
    _ path: String, fileSystem: FileSystem = .standard,
    _ body: (borrowing AtomicDirectory) throws(Failure) -> Void
  ) throws(Failure) {
    let parent = FilePath.parent(of: path)
    let temporary = Temporaries.path(in: parent)
    do throws(Failure) {
      _ = try fileSystem.makeDirectory(temporary)
      let directory = AtomicDirectory(path: path, temporary: temporary, fileSystem: fileSystem)
      try body(directory)
      try fileSystem.synchronizeDirectory(temporary)
      try move(temporary, to: path, parent, fileSystem)
    } catch {
      try? fileSystem.removeTree(temporary)
      throw error
    }
  }

  /// Removes a folder so that it is never seen half removed under its name.
  public static func remove(
    _ path: String, fileSystem: FileSystem = .standard
  ) throws(Failure) {
    let temporary = Temporaries.path(in: FilePath.parent(of: path))
    try fileSystem.rename(path, to: temporary)
    try fileSystem.removeTree(temporary)
  }

  private static func move(
    _ temporary: String, to path: String, _ parent: String, _ fileSystem: FileSystem
  ) throws(Failure) {
    guard FileSystem.kind(of: path) != nil else {
      try fileSystem.rename(temporary, to: path)
      return try fileSystem.synchronizeDirectory(parent)
    }
    // A folder cannot be renamed onto one that has files: the old one steps aside for a moment.
    let aside = Temporaries.path(in: parent)
    try fileSystem.rename(path, to: aside)
    do throws(Failure) {
      try fileSystem.rename(temporary, to: path)
    } catch {
      try? fileSystem.rename(aside, to: path)
      throw error
    }
    try fileSystem.synchronizeDirectory(parent)
    try fileSystem.removeTree(aside)
  }
}
