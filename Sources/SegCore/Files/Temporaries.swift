import Glibc
import Synchronization

/// Names under which unfinished files and folders are built, and their removal after a crash.
public enum Temporaries {
  private static let prefix = ".tmp-segtrain-"
  private static let counter = Atomic<Int>(0)

  /// A name in `folder` that nobody else uses: it holds the process and a running number.
  static func path(in folder: String) -> String {
    while true {
      let number = counter.add(1, ordering: .relaxed).newValue
      let path = FilePath.join(folder, "\(prefix)\(getpid())-\(number)")
      // An earlier process with our number may have left one.
      if FileSystem.kind(of: path) == nil { return path }
    }
  }

  public static func isTemporary(_ name: String) -> Bool { name.hasPrefix(prefix) }

  /// Removes what an earlier, killed process left unfinished in `folder`.
  ///
  /// Leftovers of a process that still lives are not touched.
  /// - Returns: the names removed.
  @discardableResult
  public static func removeStale(
    in folder: String, fileSystem: FileSystem = .standard
  ) throws(Failure) -> [String] {
    guard FileSystem.kind(of: folder) == .directory else { return [] }
    var removed: [String] = []
    for name in try FileSystem.entries(of: folder) where isTemporary(name) && !isInUse(name) {
      try fileSystem.removeTree(FilePath.join(folder, name))
      removed.append(name)
    }
    return removed
  }

  private static func isInUse(_ name: String) -> Bool {
    let digits = name.dropFirst(prefix.count).prefix { $0.isNumber }
    guard let process = pid_t(digits), process > 0 else { return false }
    // With our own process number it is of an earlier process that had it, or of a write that failed.
    if process == getpid() { return false }
    return kill(process, 0) == 0 || errno == EPERM
  }
}
