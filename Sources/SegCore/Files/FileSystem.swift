import Glibc

/// The system calls that change the disk, each error a `Failure` with path, action and errno text.
///
/// All writing of the program goes through a value of this type, so that a test can make any one call
/// fail; `standard` has no such hook and costs one comparison a call.
public struct FileSystem: Sendable {
  public enum Call: String, Sendable, CaseIterable {
    case makeDirectory, open, write, synchronize, rename, remove
  }

  /// Returns the errno with which the call is to fail, or nil to let it through.
  package typealias Fault = @Sendable (_ call: Call, _ path: String) -> Int32?

  public static let standard = FileSystem()
  private let fault: Fault?
  private let freeBytes: Int?

  /// - Parameter freeBytes: pretends that so much is free; nil asks the disk.
  package init(freeBytes: Int? = nil, fault: Fault? = nil) {
    self.fault = fault
    self.freeBytes = freeBytes
  }

  private func check(
    _ call: Call, _ path: String, _ action: String
  ) throws(Failure) {
    if let code = fault?(call, path) { throw .system(path, action, code: code) }
  }

  // MARK: Files

  /// Opens for writing; `flags` as in `open(2)`; `shown` is the name in errors.
  func open(_ path: String, shownAs shown: String, flags: Int32) throws(Failure) -> Int32 {
    try check(.open, shown, "create")
    let descriptor = Glibc.open(path, flags | O_WRONLY | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(shown, "create", code: errno) }
    return descriptor
  }

  func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws(Failure)
  {
    let code = fault?(.write, path)
    // A disk that runs full takes a part of the bytes first; so does an injected error.
    var rest = code == nil ? bytes : UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)])
    while !rest.isEmpty {
      let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        throw .system(path, "write", code: errno)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
    if let code { throw .system(path, "write", code: code) }
  }

  func synchronize(_ descriptor: Int32, _ path: String) throws(Failure) {
    try check(.synchronize, path, "bring to disk")
    while fsync(descriptor) != 0 {
      // Some file systems have nothing to bring to disk for a folder or a pipe and say so.
      if errno == EINVAL || errno == ENOTSUP { return }
      if errno != EINTR { throw .system(path, "bring to disk", code: errno) }
    }
  }

  /// Moves `source` to `target` in one step; a file at `target` is replaced.
  public func rename(_ source: String, to target: String) throws(Failure) {
    try check(.rename, target, "rename the finished file to its name")
    guard Glibc.rename(source, target) == 0 else {
      throw .system(target, "rename the finished file to its name", code: errno)
    }
  }

  public func removeFile(_ path: String) throws(Failure) {
    try check(.remove, path, "remove")
    guard unlink(path) == 0 || errno == ENOENT else { throw .system(path, "remove", code: errno) }
  }

  // MARK: Folders

  /// Makes one folder.
  /// - Returns: false where something of that name exists already.
  public func makeDirectory(_ path: String) throws(Failure) -> Bool {
    try check(.makeDirectory, path, "create the folder")
    if mkdir(path, 0o777) == 0 { return true }
    if errno == EEXIST { return false }
    throw .system(path, "create the folder", code: errno)
  }

  /// Makes a folder and those above it, as far as they are missing.
  public func makeDirectories(_ path: String) throws(Failure) {
    if Self.kind(of: path) == .directory { return }
    let parent = FilePath.parent(of: path)
    if parent != path { try makeDirectories(parent) }
    let made = try makeDirectory(path)
    guard made || Self.kind(of: path) == .directory else {
      throw .system(path, "create the folder", code: ENOTDIR)
    }
  }

  /// Brings the names in a folder to disk, so that a rename survives a power cut.
  public func synchronizeDirectory(_ path: String) throws(Failure) {
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path, "open the folder", code: errno) }
    defer { close(descriptor) }
    try synchronize(descriptor, path)
  }

  /// Removes a folder and all below it, or a file; links are removed, not followed.
  public func removeTree(_ path: String) throws(Failure) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw .system(path, "remove", code: errno)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return try removeFile(path) }
    for name in try Self.entries(of: path) { try removeTree(FilePath.join(path, name)) }
    try check(.remove, path, "remove the folder")
    guard rmdir(path) == 0 || errno == ENOENT else {
      throw .system(path, "remove the folder", code: errno)
    }
  }
}

// Looking at the disk changes nothing and needs no hook.
extension FileSystem {
  public enum Kind: Sendable { case file, directory, other }

  /// What is at `path`, links followed; nil where there is nothing.
  public static func kind(of path: String) -> Kind? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .directory
    default: return .other
    }
  }

  /// The names in a folder, sorted by their bytes; `.` and `..` are left out.
  public static func entries(of path: String) throws(Failure) -> [String] {
    guard let stream = opendir(path) else {
      throw .system(path, "list the folder", code: errno, reading: true)
    }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw .system(path, "list the folder", code: errno, reading: true) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Bytes that can still be written to the disk that holds `path`; nil where the disk does not say.
  public func freeBytes(at path: String) -> Int? {
    if let freeBytes { return freeBytes }
    var status = statvfs()
    guard statvfs(path, &status) == 0, status.f_blocks > 0 else { return nil }
    let (bytes, overflow) = UInt(status.f_bavail).multipliedReportingOverflow(
      by: UInt(status.f_frsize))
    return overflow ? nil : Int(exactly: bytes)
  }
}
