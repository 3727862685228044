/// Files that appear under their name complete or not at all.
///
/// The bytes go to a temporary name in the same folder, then to the disk, then take the final name in
/// one step; a file of that name is replaced. After a failure the temporary is removed and an older
/// file is as it was.
public enum AtomicFile {
  /// What was written: the size in bytes and the SHA-256 in hexadecimal.
  public struct Written: Sendable, Equatable {
    public var byteCount: Int
    public var sha256: String
  }

  /// - Throws: `.io` with `path`, and whatever `body` throws.
  @discardableResult
  public static func write(
    _ path: String, fileSystem: FileSystem = .standard,
    _ body: (OutputFile) throws(Failure) -> Void
  ) throws(Failure) -> Written {
    // A rename onto /dev/null would replace the device.
    if let kind = FileSystem.kind(of: path), kind != .file {
      let found = kind == .directory ? "a folder" : "a device or pipe"
      throw Failure(.io, path, "expected a file or nothing to write to, found \(found)")
    }
    let folder = FilePath.parent(of: path)
    let temporary = Temporaries.path(in: folder)
    let written: Written
    do throws(Failure) {
      written = try writeSynchronized(temporary, shownAs: path, fileSystem, body)
      try fileSystem.rename(temporary, to: path)
    } catch {
      // The first error is the one to tell; what cannot be removed now is stale at the next start.
      try? fileSystem.removeFile(temporary)
      throw error
    }
    try fileSystem.synchronizeDirectory(folder)
    return written
  }

  @discardableResult
  public static func write(
    _ bytes: [UInt8], to path: String, fileSystem: FileSystem = .standard
  ) throws(Failure) -> Written {
    try write(path, fileSystem: fileSystem) { file throws(Failure) in try file.write(bytes) }
  }

  @discardableResult
  public static func write(
    _ text: String, to path: String, fileSystem: FileSystem = .standard
  ) throws(Failure) -> Written {
    try write(Array(text.utf8), to: path, fileSystem: fileSystem)
  }

  /// A new file at `path`, on disk when this returns.
  static func writeSynchronized(
    _ path: String, shownAs shown: String, _ fileSystem: FileSystem,
    _ body: (OutputFile) throws(Failure) -> Void
  ) throws(Failure) -> Written {
    let file = try OutputFile.create(path, shownAs: shown, hashing: true, fileSystem)
    try body(file)
    try file.synchronize()
    return Written(byteCount: file.byteCount, sha256: file.digest ?? "")
  }
}
