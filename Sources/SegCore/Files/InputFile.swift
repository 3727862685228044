import Glibc

/// A file that is being read; reads name their offset, so several threads may share one.
public final class InputFile: Sendable {
  public let path: String
  /// Size in bytes when it was opened.
  public let byteCount: Int
  private let descriptor: Int32
  private let isRegular: Bool

  /// - Throws: `.inputMissing` where nothing is there, `.io` where it cannot be read or is a folder.
  public init(_ path: String) throws(Failure) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path, "read", code: errno, reading: true) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
      let code = errno
      close(descriptor)
      if status.st_mode & S_IFMT == S_IFDIR {
        throw Failure(.io, path, "expected a file, found a folder")
      }
      throw .system(path, "read", code: code, reading: true)
    }
    self.path = path
    self.descriptor = descriptor
    isRegular = status.st_mode & S_IFMT == S_IFREG
    byteCount = isRegular ? Int(status.st_size) : 0
  }

  /// Takes over an open file that has no name any more.
  ///
  /// - Parameter path: what messages call it.
  init(unnamed descriptor: Int32, path: String, byteCount: Int) {
    self.path = path
    self.byteCount = byteCount
    self.descriptor = descriptor
    isRegular = true
  }

  deinit { close(descriptor) }

  /// Fills `buffer` from the bytes at `offset`.
  /// - Throws: `.badData` where the file ends before that.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Failure) {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, offset + done)
      if count < 0 {
        if errno == EINTR { continue }
        throw .system(path, "read", code: errno, reading: true)
      }
      if count == 0 {
        throw Failure(
          .badData, path,
          "expected \(buffer.count) bytes at offset \(offset), found only \(done)",
          hint: "the file was cut short while it was being read")
      }
      done += count
    }
  }

  /// `count` bytes from `offset` on.
  public func read(_ count: Int, at offset: Int) throws(Failure) -> [UInt8] {
    var failure: Failure?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(Failure) {
        let target = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count)
        try read(into: target, at: offset)
        filled = count
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Little-endian floats of a tensor from `offset` on, read in place.
  func floats(name: String, shape: Shape, at offset: Int) throws(Failure) -> HostTensor {
    var failure: Failure?
    let count = shape.count
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(Failure) {
        let target = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: 4 * count)
        try read(into: target, at: offset)
        filled = count
      } catch { failure = error }
    }
    if let failure { throw failure }
    return HostTensor(name: name, shape: shape, values: values)
  }

  /// The whole file; a pipe is read to its end.
  ///
  /// - Parameter limit: the largest size accepted, in bytes; a longer file is `.badData`.
  public static func contents(
    of path: String, limit: Int = 1 << 30
  ) throws(Failure) -> [UInt8] {
    let file = try InputFile(path)
    if file.isRegular {
      guard file.byteCount <= limit else { throw tooLong(path, limit) }
      // Files such as those in /proc have no size; they are read like a pipe.
      if file.byteCount > 0 { return try file.read(file.byteCount, at: 0) }
    }
    return try file.stream(limit)
  }

  /// The whole file as UTF-8 text.
  public static func text(of path: String, limit: Int = 1 << 30) throws(Failure) -> String {
    let bytes = try contents(of: path, limit: limit)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.badData, path, "expected UTF-8 text, found other bytes")
    }
    return text
  }

  private func stream(_ limit: Int) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw .system(path, "read", code: errno, reading: true)
      }
      if count == 0 { return bytes }
      guard bytes.count + count <= limit else { throw Self.tooLong(path, limit) }
      bytes += chunk[..<count]
    }
  }

  private static func tooLong(_ path: String, _ limit: Int) -> Failure {
    Failure(.badData, path, "expected at most \(limit) bytes, found more")
  }
}
