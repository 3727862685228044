public import SegCore

/// `traces.csv`: one row a class and logged step, undefined values empty.
///
/// Shares are of the sums over classes. The name of the class comes last, so that a reader may split at the first commas.
public final class TraceLog {
  static let columns = [
    "step", "index", "pixels", "recall", "confidence", "focal_weight", "recall_weight",
    "focal_share", "recall_share", "ratio", "gradient_share", "class",
  ]
  private static var header: String { columns.joined(separator: ",") + "\n" }

  private let file: OutputFile
  private let names: [String]

  /// - Parameters:
  ///   - classes: their names.
  ///   - step: the checkpoint a run goes on from; `nil` for a new run.
  public init(
    _ run: RunDirectory, classes: [String], resumingAfter step: Int? = nil
  ) throws(Failure) {
    if let step { try Self.cut(run, after: step) }
    names = classes.map(Self.field)
    let isNew = FileSystem.kind(of: run.traces) == nil
    file = try OutputFile.append(to: run.traces, fileSystem: run.fileSystem)
    if isNew { try file.write(Self.header) }
  }

  /// Removes the rows of steps after a checkpoint, which come again.
  static func cut(_ run: RunDirectory, after step: Int) throws(Failure) {
    try StepLines.cut(run.traces, after: step, fileSystem: run.fileSystem) { line in
      if line.elementsEqual(header.utf8.dropLast()) { return .without }
      let commas = line.count { $0 == UInt8(ascii: ",") }
      let digits = line.prefix { $0 != UInt8(ascii: ",") }
      guard commas >= columns.count - 1, let step = Int(String(decoding: digits, as: UTF8.self))
      else { return .damaged }
      return .step(step)
    }
    // Torn before its first line was whole.
    if FileSystem.kind(of: run.traces) == .file, try InputFile(run.traces).byteCount == 0 {
      try run.fileSystem.removeFile(run.traces)
    }
  }

  /// All classes of one step, in one write.
  public func append(step: Int, _ traces: ClassTraces) throws(Failure) {
    var text = ""
    for (index, row) in traces.rows.enumerated() {
      let values = [
        row.recall, row.confidence, row.focalWeight, row.recallWeight, row.focalShare,
        row.recallShare, row.ratio, row.gradientShare,
      ].map { value in value.map { "\(Float($0))" } ?? "" }
      text += "\(step),\(index),\(row.pixels),\(values.joined(separator: ",")),\(names[index])\n"
    }
    try file.write(text)
  }

  /// Returns when all rows are on the disk; to be called before a checkpoint that follows them.
  public func synchronize() throws(Failure) { try file.synchronize() }

  /// RFC 4180; a line break becomes a blank, as a row is a line.
  private static func field(_ name: String) -> String {
    let line = String(
      String.UnicodeScalarView(name.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    guard line.contains(where: { ",\"".contains($0) }) else { return line }
    return "\"" + line.reduce(into: "") { $0 += $1 == "\"" ? "\"\"" : String($1) } + "\""
  }
}

extension RunDirectory {
  public static let tracesName = "traces.csv"
  public var traces: String { FilePath.join(path, Self.tracesName) }
}
