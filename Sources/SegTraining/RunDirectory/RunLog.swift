public import SegCore

/// `log.txt`: what a person reads of a run, each message with time and step.
///
/// ```
/// 2026-01-31T23:59:59Z [-] model deeplabv3, 15.9 M parameters
/// 2026-01-31T23:59:59Z [step 500] validation: mean IoU 0.512
///     further lines of a message stand four spaces in
/// ```
public final class RunLog {
  private let file: OutputFile
  private let clock: RunClock

  /// - Parameter step: the checkpoint a run goes on from (0: from the start); messages of later steps
  ///   and those between them are removed. Nil for a new run.
  public init(
    _ run: RunDirectory, resumingAfter step: Int? = nil, clock: RunClock = .system
  ) throws(Failure) {
    if let step {
      try StepLines.cut(run.log, after: step, fileSystem: run.fileSystem) { Self.kind($0) }
    }
    self.clock = clock
    file = try OutputFile.append(to: run.log, fileSystem: run.fileSystem)
  }

  /// - Parameter step: the step the message belongs to, where it has one.
  public func write(_ message: String, step: Int? = nil) throws(Failure) {
    let mark = step.map { "step \($0)" } ?? "-"
    let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
    try file.write("\(clock.stamp) [\(mark)] \(lines.joined(separator: "\n    "))\n")
  }

  public func synchronize() throws(Failure) { try file.synchronize() }

  private static func kind(_ line: ArraySlice<UInt8>) -> StepLines.Kind {
    let mark = Array(" [step ".utf8)
    let stampLength = 20
    guard line.first != UInt8(ascii: " "), line.dropFirst(stampLength).starts(with: mark) else {
      return .without
    }
    let digits = line.dropFirst(stampLength + mark.count).prefix { $0 != UInt8(ascii: "]") }
    return Int(String(decoding: digits, as: UTF8.self)).map { .step($0) } ?? .without
  }
}
