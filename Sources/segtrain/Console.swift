import SegCore

/// Results go to standard output, everything else to standard error.
enum Console {
  static func output(_ text: String) throws {
    try StandardStream.output.write(text.hasSuffix("\n") ? text : text + "\n")
  }

  /// Nobody can be told that standard error is gone.
  static func error(_ text: String) { try? StandardStream.error.write(text + "\n") }
}
