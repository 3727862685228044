import Glibc
import SegCore

/// A folder for one test, removed when the value goes.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() throws {
    var template = Array("/tmp/segtrain-tests-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw Failure.system("/tmp", "create a folder", code: errno)
    }
    path = String(cString: made)
  }

  deinit { try? FileSystem.standard.removeTree(path) }

  public subscript(name: String) -> String { FilePath.join(path, name) }

  /// What is in the folder, sorted.
  public var names: [String] { get throws { try FileSystem.entries(of: path) } }
}
