import Glibc

/// Holds a folder for this process for as long as the value lives; the system lets go of it when the
/// process ends, however it ends.
public final class DirectoryLock: Sendable {
  private let descriptor: Int32

  /// - Throws: `.io` where another process holds the folder.
  public init(_ path: String) throws(Failure) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path, "open the folder", code: errno) }
    // A child that some thread has just forked holds a copy of every lock until it becomes another program, so a
    // folder that was let go a moment ago may still look taken.
    for attempt in 0... {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { break }
      // File systems without locks answer with other errors; they must not stop a run.
      guard errno == EWOULDBLOCK || errno == EINTR else { break }
      guard attempt < 20 else {
        close(descriptor)
        throw Failure(
          .io, path, "another process is writing into this folder",
          hint: "wait for it to end, or stop it, or use another --run-dir")
      }
      usleep(50_000)
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
