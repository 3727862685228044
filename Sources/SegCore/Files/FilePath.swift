/// Joining and splitting of `/`-separated paths, without looking at the disk.
public enum FilePath {
  /// `folder/name`; `name` alone where `folder` is empty, and where `name` is absolute.
  public static func join(_ folder: String, _ name: String) -> String {
    if folder.isEmpty || name.hasPrefix("/") { return name }
    return folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The last component, `""` for `/`; slashes at the end do not count.
  public static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? ""
  }

  /// The folder that holds `path`: `.` for a bare name, `/` at the top.
  public static func parent(of path: String) -> String {
    let trimmed = withoutTrailingSlashes(path)
    guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")) else {
      return trimmed.isEmpty && !path.isEmpty ? "/" : "."
    }
    let folder = withoutTrailingSlashes(String(trimmed[..<slash]))
    return folder.isEmpty ? "/" : folder
  }

  /// `path` as seen from `folder` where it begins with it, else `path` itself.
  public static func relative(_ path: String, to folder: String) -> String {
    let start = withoutTrailingSlashes(folder) + "/"
    return path.hasPrefix(start) ? String(path.dropFirst(start.count).drop { $0 == "/" }) : path
  }

  private static func withoutTrailingSlashes(_ path: String) -> String {
    var end = path.utf8.endIndex
    while end > path.utf8.startIndex {
      let last = path.utf8.index(before: end)
      guard path.utf8[last] == UInt8(ascii: "/") else { break }
      end = last
    }
    return String(path[..<end])
  }
}
