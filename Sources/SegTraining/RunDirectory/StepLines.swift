import SegCore

/// Cutting a log of lines back to a step, so that a resumed run writes on as if it had not stopped.
enum StepLines {
  enum Kind {
    /// Belongs to a step; lines without one belong to the step before them.
    case step(Int)
    case without
    /// No line of ours: torn by a crash or a full disk.
    case damaged
  }

  /// Keeps the lines of steps up to `step`; a last line without its end goes too.
  ///
  /// - Returns: how many lines were removed.
  @discardableResult
  static func cut(
    _ path: String, after step: Int, fileSystem: FileSystem, kind: (ArraySlice<UInt8>) -> Kind
  ) throws(Failure) -> Int {
    guard FileSystem.kind(of: path) != nil else { return 0 }
    let bytes = try InputFile.contents(of: path)
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var removed = 0
    var start = 0
    var isBehind = false
    while start < bytes.count {
      guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else {
        removed += 1
        break
      }
      let line = bytes[start..<end]
      let keeps: Bool
      switch kind(line) {
      case .step(let found):
        isBehind = found > step
        keeps = !isBehind
      case .without: keeps = !isBehind
      case .damaged: keeps = false
      }
      if keeps { kept += bytes[start...end] } else { removed += 1 }
      start = end + 1
    }
    if removed > 0 { try AtomicFile.write(kept, to: path, fileSystem: fileSystem) }
    return removed
  }
}
