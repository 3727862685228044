import Glibc

extension Failure {
  /// A failed system call as an error a user can act on: status `.io`, or `.inputMissing` where
  /// something that is to be read is not there.
  ///
  /// - Parameters:
  ///   - path: the file or folder the call was about.
  ///   - action: what was being done, e.g. `"write"`; the text reads "cannot write: …".
  ///   - code: the value of `errno`.
  ///   - reading: the path is an input, not something of ours.
  public static func system(
    _ path: String, _ action: String, code: Int32, reading: Bool = false
  ) -> Failure {
    let missing = reading && (code == ENOENT || code == ENOTDIR)
    let text = strerror(code).map { String(cString: $0) } ?? "error"
    return Failure(
      missing ? .inputMissing : .io, path, "cannot \(action): \(text) (errno \(code))",
      hint: hint(for: code, reading: reading))
  }

  private static func hint(for code: Int32, reading: Bool) -> String? {
    switch code {
    case ENOSPC, EDQUOT:
      "free space on this disk or write to another folder; what was saved before is intact"
    case EFBIG: "the file size limit of this shell or disk is too small (ulimit -f)"
    case EACCES, EPERM:
      "check who owns the path and its permissions, or use another folder"
    case EROFS: "this file system is read-only; use another folder"
    case EMFILE, ENFILE: "too many open files; raise the limit (ulimit -n)"
    case ENOENT, ENOTDIR: reading ? "check the path" : "check that the parent folder exists"
    case EIO: "the disk reported an error; check the system log before you trust this disk"
    case ENAMETOOLONG: "use a shorter name"
    case EEXIST, ENOTEMPTY: "remove it or use another name"
    default: nil
    }
  }
}
