import Glibc
import SegCore
import SegData

extension LabelCountCache {
  /// `$XDG_CACHE_HOME/segtrain/labels`, or `~/.cache/segtrain/labels`; `nil` for a user without a home.
  static var ofUser: LabelCountCache? {
    func folder(_ variable: String) -> String? {
      guard let value = getenv(variable) else { return nil }
      // The standard says to pass over relative paths.
      let path = String(cString: value)
      return path.hasPrefix("/") ? path : nil
    }
    let caches = folder("XDG_CACHE_HOME") ?? folder("HOME").map { FilePath.join($0, ".cache") }
    return caches.map { LabelCountCache(folder: FilePath.join($0, "segtrain/labels")) }
  }
}
