import Foundation

/// Real files outside the package (`../shared/data` beside it, or further up); tests that need them
/// skip where they are absent.
enum SharedData {
  static let root: String? = {
    var folder = URL(filePath: #filePath)
    for _ in 0..<8 {
      folder.deleteLastPathComponent()
      let candidate = folder.appending(path: "shared/data").path
      if FileManager.default.fileExists(atPath: candidate) { return candidate }
    }
    return nil
  }()

  static func has(_ path: String) -> Bool {
    guard let root else { return false }
    return FileManager.default.fileExists(atPath: "\(root)/\(path)")
  }

  static func path(_ path: String) -> String { "\(root ?? "")/\(path)" }

  /// Names in the folder `path`, sorted.
  static func list(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: Self.path(path)).sorted()
  }

  /// Lines of a tab-separated file, without comments.
  static func table(_ path: String) throws -> [[String]] {
    try String(contentsOfFile: Self.path(path), encoding: .utf8)
      .split(separator: "\n").filter { !$0.hasPrefix("#") }
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
  }
}
