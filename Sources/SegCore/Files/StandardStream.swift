import Glibc

/// Standard output and standard error, unbuffered.
public enum StandardStream: Int32, Sendable {
  case output = 1
  case error = 2

  /// - Throws: `Failure(.io)` when the reader has gone or the disk behind a redirection is full.
  public func write(_ text: String) throws(Failure) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else {
        throw Failure(.io, "standard \(self)", "cannot write: \(String(cString: strerror(errno)))")
      }
      bytes = bytes.dropFirst(written)
    }
  }
}
