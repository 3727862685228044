import SegCore

/// Real files outside the package (`../shared/data` beside it, or further up).
public enum SharedFolder {
  /// The path of `name` there; nothing need exist.
  public static func path(_ name: String) -> String {
    var above = FilePath.parent(of: #filePath)
    while above != "/" {
      let candidate = FilePath.join(above, "shared/data")
      if FileSystem.kind(of: candidate) == .directory { return FilePath.join(candidate, name) }
      above = FilePath.parent(of: above)
    }
    return FilePath.join("../shared/data", name)
  }
}
