import Glibc
internal import SegCore

/// Listing folders, in byte order of the names.
enum Folder {
  /// Names in `path` but hidden ones.
  ///
  /// - Throws: `Failure` `.inputMissing` with what is there instead, `.io` for anything else.
  static func list(_ path: String) throws -> [String] {
    guard let folder = opendir(path) else {
      let code = errno
      guard code == ENOENT || code == ENOTDIR else {
        throw Failure(.io, path, "cannot list: \(String(cString: strerror(code)))")
      }
      throw Failure(.inputMissing, path, missing(path, isFile: code == ENOTDIR))
    }
    defer { closedir(folder) }
    var names = [String]()
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Walks up to the first folder that exists and says what it holds.
  private static func missing(_ path: String, isFile: Bool) -> String {
    let (parent, name) = split(path)
    guard !isFile, !parent.isEmpty, parent != path else { return "no such folder" }
    guard let names = try? list(parent) else {
      return "no such folder, nor \(parent)"
    }
    let near = NearNames.note(name, among: names)
    if !near.isEmpty { return "no such folder" + near }
    let shown = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", ..." : "")
    return "no such folder; \(parent) has " + (names.isEmpty ? "nothing" : shown)
  }

  /// Parent and last part of a path.
  static func split(_ path: String) -> (parent: String, name: String) {
    var parts = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    guard let name = parts.popLast() else { return ("", path) }
    let parent = (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    return (parent.isEmpty ? "." : parent, name)
  }

  /// `a/b` from `a` and `b`; an absolute `b` stays.
  static func join(_ a: String, _ b: String) -> String {
    b.hasPrefix("/") || a.isEmpty ? b : a.hasSuffix("/") ? a + b : a + "/" + b
  }

  /// `name` without its last extension, and that extension in lower case.
  static func stem(_ name: String) -> (stem: String, extension: String) {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return (name, "") }
    return (String(name[..<dot]), name[name.index(after: dot)...].lowercased())
  }
}
