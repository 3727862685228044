import Glibc

/// Reading a small file whole.
enum ConfigFile {
  /// The bytes of a file; reading stops one byte past `limit`, so that a device cannot go on for ever.
  ///
  /// - Throws: `Failure`: input missing, or I/O with the system's words.
  static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      throw Failure(
        code == ENOENT ? .inputMissing : .io, path,
        "expected a configuration file, found: \(message(code))",
        hint: "give the path of a JSON file to --config")
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      var code: Int32 = 0
      let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
        let got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        if got < 0 { code = errno }
        count = max(got, 0)
      }
      if code == EINTR { continue }
      guard code == 0 else {
        throw Failure(
          .io, path, "expected a readable configuration file, found: \(message(code))",
          hint: code == EISDIR ? "name the file inside this folder" : nil)
      }
      if chunk.isEmpty { break }
      bytes += chunk
    }
    return bytes
  }

  private static func message(_ code: Int32) -> String { String(cString: strerror(code)) }
}
