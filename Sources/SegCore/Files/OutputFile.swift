import Glibc

/// A file that is being written, without a buffer of its own: what `write` returned from is with the
/// system, and survives the end of this process.
public final class OutputFile {
  /// The name of the file in error texts.
  public let path: String
  public private(set) var byteCount = 0
  private let fileSystem: FileSystem
  private let descriptor: Int32
  private var hash: SHA256?

  private init(
    _ path: String, shownAs shown: String, flags: Int32, hashing: Bool, _ fileSystem: FileSystem
  ) throws(Failure) {
    descriptor = try fileSystem.open(path, shownAs: shown, flags: flags)
    self.path = shown
    self.fileSystem = fileSystem
    hash = hashing ? SHA256() : nil
  }

  deinit { close(descriptor) }

  /// A new file; one of that name must not exist.
  static func create(
    _ path: String, shownAs shown: String, hashing: Bool = false, _ fileSystem: FileSystem
  ) throws(Failure) -> OutputFile {
    try OutputFile(
      path, shownAs: shown, flags: O_CREAT | O_EXCL, hashing: hashing, fileSystem)
  }

  /// Opens at the end of a file, which is made where it is missing.
  public static func append(
    to path: String, fileSystem: FileSystem = .standard
  ) throws(Failure) -> OutputFile {
    try OutputFile(
      path, shownAs: path, flags: O_CREAT | O_APPEND, hashing: false, fileSystem)
  }

  public func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    guard !bytes.isEmpty else { return }
    try fileSystem.write(bytes, to: descriptor, path)
    hash?.update(bytes)
    byteCount += bytes.count
  }

  public func write(_ bytes: [UInt8]) throws(Failure) {
    try bytes.span.bytes.withUnsafeBytes { buffer throws(Failure) in try write(buffer) }
  }

  public func write(_ text: String) throws(Failure) { try write(Array(text.utf8)) }

  /// Returns when the bytes are on the disk (`fsync`).
  public func synchronize() throws(Failure) { try fileSystem.synchronize(descriptor, path) }

  /// SHA-256 of all bytes written, where the file was opened for hashing.
  var digest: String? { hash?.finalized() }
}
