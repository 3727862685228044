import Glibc

/// Holds a folder for this process for as long as the value lives; the system lets go of it when the
/// process ends, however it ends.
public final class DirectoryLock: Sendable {
  private let descriptor: Int32

  /// - Throws: `.io` where another process holds the folder.
  public init(_ path: String) throws(Failure) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path, "open the folder", code: errno) }
    // File systems without locks answer with other errors; they must not stop a run.
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      close(descriptor)
      throw Failure(
        .io, path, "another process is writing into this folder",
        hint: "wait for it to end, or stop it, or use another --run-dir")
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
