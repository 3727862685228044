public import SegCore

/// `tb/events.out.tfevents.0.segtrain`: scalars for TensorBoard.
///
/// An event is a protocol buffer (`wall_time` 1, `step` 2, `file_version` 3, `summary` 5; a summary
/// holds values with `tag` 1 and `simple_value` 2). The file keeps one name, so that a resumed run
/// continues it and TensorBoard shows one curve.
public final class TensorBoardWriter {
  public static let fileName = "events.out.tfevents.0.segtrain"

  private let file: OutputFile
  private let clock: RunClock

  /// - Parameter step: the checkpoint a run goes on from (0: from the start); later events and a torn
  ///   end are removed. Nil for a new run.
  public init(
    _ run: RunDirectory, resumingAfter step: Int? = nil, clock: RunClock = .system
  ) throws(Failure) {
    try run.fileSystem.makeDirectories(run.tensorBoard)
    let path = FilePath.join(run.tensorBoard, Self.fileName)
    var hasVersion = false
    if let step, FileSystem.kind(of: path) != nil {
      hasVersion = try Self.cut(path, after: step, run.fileSystem)
    }
    self.clock = clock
    file = try OutputFile.append(to: path, fileSystem: run.fileSystem)
    if !hasVersion {
      var version = ProtobufMessage()
      version.double(1, clock.now())
      version.data(3, Array("brain.Event:2".utf8))
      try file.write(EventRecords.record(version.bytes))
    }
  }

  /// Writes the values of one step as one event; they are with the system when this returns.
  public func add(step: Int, _ scalars: [(tag: String, value: Float)]) throws(Failure) {
    var summary = ProtobufMessage()
    for scalar in scalars {
      var value = ProtobufMessage()
      value.data(1, Array(scalar.tag.utf8))
      value.float(2, scalar.value)
      summary.data(1, value.bytes)
    }
    var event = ProtobufMessage()
    event.double(1, clock.now())
    event.varint(2, Int64(step))
    event.data(5, summary.bytes)
    try file.write(EventRecords.record(event.bytes))
  }

  public func synchronize() throws(Failure) { try file.synchronize() }

  /// - Returns: whether a version record is left, with which every file begins.
  private static func cut(
    _ path: String, after step: Int, _ fileSystem: FileSystem
  ) throws(Failure) -> Bool {
    let bytes = try InputFile.contents(of: path)
    let kept = EventRecords.intact(bytes).filter { event in
      ProtobufMessage.varint(2, in: event).map { $0 <= Int64(step) } ?? false
    }
    let rest = kept.flatMap { EventRecords.record(Array($0)) }
    if rest.count != bytes.count { try AtomicFile.write(rest, to: path, fileSystem: fileSystem) }
    return !kept.isEmpty
  }
}
