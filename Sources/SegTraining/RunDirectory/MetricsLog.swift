public import SegCore

/// `metrics.jsonl`: one JSON object a line, with the system as soon as `append` returns.
///
/// It holds no times of day: the file of a resumed run equals that of a run that did not stop, as far
/// as the events themselves do.
public final class MetricsLog {
  private let file: OutputFile

  /// - Parameter step: the checkpoint a run goes on from (0: from the start); lines of later steps and
  ///   a torn last line are removed. Nil for a new run.
  public init(_ run: RunDirectory, resumingAfter step: Int? = nil) throws(Failure) {
    if let step {
      try StepLines.cut(run.metrics, after: step, fileSystem: run.fileSystem) { Self.kind($0) }
    }
    file = try OutputFile.append(to: run.metrics, fileSystem: run.fileSystem)
  }

  /// Writes one event, e.g. `{"event": "train", "step": 1, "loss": 1.234}`.
  public func append(_ event: JSONValue) throws(Failure) {
    try file.write(event.compact + "\n")
  }

  /// Returns when all lines are on the disk; to be called before a checkpoint that follows them.
  public func synchronize() throws(Failure) { try file.synchronize() }

  private static func kind(_ line: ArraySlice<UInt8>) -> StepLines.Kind {
    guard let node = try? JSONNode.parse(Array(line), name: ""), case .object = node.kind else {
      return .damaged
    }
    if case .integer(let step)? = node.value["step"] { return .step(step) }
    return .without
  }
}
