import Glibc
import SegCore

/// Results go to standard output, everything else to standard error.
enum Console {
  static func output(_ text: String) throws {
    guard fputs(text.hasSuffix("\n") ? text : text + "\n", stdout) >= 0, fflush(stdout) == 0 else {
      throw Failure(.io, "standard output", "cannot write: \(String(cString: strerror(errno)))")
    }
  }

  static func error(_ text: String) { fputs(text + "\n", stderr) }

  static var isErrorTerminal: Bool { isatty(STDERR_FILENO) != 0 }
}
