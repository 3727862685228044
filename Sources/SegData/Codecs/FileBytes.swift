import Glibc
internal import SegCore

/// Whole files as bytes, with errors that name the file and the system's reason.
public enum FileBytes {
  /// The bytes of the file at `path`, or its first `limit`.
  ///
  /// - Throws: `Failure` `.inputMissing` when there is no such file, `.io` for anything else.
  public static func read(_ path: String, limit: Int = .max) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw openFailure(path, errno) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw io(path, "cannot read", errno) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw Failure(.io, path, "cannot read: is a directory")
    }
    // A pipe or /proc file says 0 and is still read to its end.
    var bytes = [UInt8]()
    var capacity = min(max(Int(status.st_size), 0) + 1, limit)
    while true {
      var failed: Int32 = 0
      let wanted = capacity
      let piece = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
        while count < wanted {
          let got = Glibc.read(file, buffer.baseAddress.map { $0 + count }, wanted - count)
          if got < 0 && errno == EINTR { continue }
          if got < 0 { failed = errno }
          if got <= 0 { break }
          count += got
        }
      }
      guard failed == 0 else { throw io(path, "cannot read", failed) }
      if bytes.isEmpty { bytes = piece } else { bytes += piece }
      if piece.count < wanted || bytes.count >= limit { return bytes }
      capacity = min(1 << 16, limit - bytes.count)
    }
  }

  /// Writes `bytes` under a temporary name beside `path` and renames, so that nobody ever sees half
  /// a file.
  ///
  /// - Throws: `Failure` `.io` with the system's reason (disk full, no permission, no such folder).
  public static func write(_ bytes: [UInt8], to path: String) throws {
    let temporary = "\(path).tmp-\(getpid())"
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw io(path, "cannot write", errno) }
    var failed: Int32 = 0
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let put = Glibc.write(file, buffer.baseAddress.map { $0 + done }, buffer.count - done)
        if put < 0 && errno == EINTR { continue }
        guard put > 0 else {
          failed = put < 0 ? errno : ENOSPC
          return
        }
        done += put
      }
    }
    // Some file systems report a full disk only on close.
    if close(file) != 0 && failed == 0 { failed = errno }
    if failed == 0 && rename(temporary, path) != 0 { failed = errno }
    guard failed == 0 else {
      unlink(temporary)
      throw io(path, "cannot write", failed)
    }
  }

  private static func openFailure(_ path: String, _ code: Int32) -> Failure {
    code == ENOENT || code == ENOTDIR
      ? Failure(.inputMissing, path, "no such file") : io(path, "cannot read", code)
  }

  private static func io(_ path: String, _ what: String, _ code: Int32) -> Failure {
    Failure(.io, path, "\(what): \(String(cString: strerror(code)))")
  }
}
