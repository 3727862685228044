public import SegCore

/// Everything a run needs to go on from a step as if it had not stopped.
public struct CheckpointContents {
  /// Steps taken so far.
  public var step: Int
  /// Parameters and buffers with their published names.
  public var model: [TensorSource]
  public var modelMetadata: [(key: String, value: String)]
  public var optimizer: [TensorSource]
  /// Schedules, best values, positions: whatever else the trainer wants back.
  public var state: JSONValue

  public init(
    step: Int, model: [TensorSource], modelMetadata: [(key: String, value: String)] = [],
    optimizer: [TensorSource], state: JSONValue
  ) {
    self.step = step
    self.model = model
    self.modelMetadata = modelMetadata
    self.optimizer = optimizer
    self.state = state
  }
}

/// Writes checkpoints so that at every moment the newest whole one can be loaded.
///
/// The order is: the new folder appears whole, the pointers move to it one after the other, then old
/// folders go that no pointer names. A process that dies in between leaves a state that `resume` reads.
public struct CheckpointWriter: Sendable {
  public let folder: CheckpointFolder
  private let keep: Int
  private let interval: Int
  private let fileSystem: FileSystem

  /// - Parameters:
  ///   - keep: how many of the newest checkpoints stay, 1 or more, besides those that a pointer names.
  ///   - interval: checkpoints of other steps than its multiples stay only while a pointer names them:
  ///     one written because a signal came then leaves no trace.
  public init(_ run: RunDirectory, keep: Int, interval: Int = 1) {
    folder = CheckpointFolder(run.checkpoints)
    self.keep = max(1, keep)
    self.interval = max(1, interval)
    fileSystem = run.fileSystem
  }

  /// Writes `checkpoints/step_…`, moves the pointers and removes what is no longer kept.
  ///
  /// - Parameters:
  ///   - contents: a checkpoint of the same step is replaced.
  ///   - best: the metrics of which this checkpoint is the best so far, e.g. `["mean_iou"]`.
  /// - Throws: `.io`; the checkpoints that were there before can still be loaded.
  public func save(_ contents: CheckpointContents, best: [String] = []) throws(Failure) {
    let name = Checkpoint.name(step: contents.step)
    try checkFreeSpace(contents)
    var pointers: [(name: String, target: String)] = [(CheckpointFolder.lastName, name)]
    for metric in best { pointers.append((try Self.pointerName(metric), name)) }
    for pointer in try folder.pointers()
    where !pointers.contains(where: { $0.name == pointer.name }) {
      pointers.append(pointer)
    }
    try AtomicDirectory.write(
      folder.path(step: contents.step), fileSystem: fileSystem
    ) { directory throws(Failure) in
      let model = try directory.write(Checkpoint.modelName) { file throws(Failure) in
        try SafetensorsWriter.write(contents.model, metadata: contents.modelMetadata, to: file)
      }
      let optimizer = try directory.write(Checkpoint.optimizerName) { file throws(Failure) in
        try SafetensorsWriter.write(contents.optimizer, to: file)
      }
      let document = JSONValue.fields([
        "format": .integer(Checkpoint.format), "step": .integer(contents.step),
        "state": contents.state,
        "pointers": .object(pointers.map { (key: $0.name, value: .string($0.target)) }),
        "files": .fields([
          Checkpoint.modelName: Self.record(model),
          Checkpoint.optimizerName: Self.record(optimizer),
        ]),
      ])
      try directory.write(Checkpoint.stateName) { file throws(Failure) in
        try file.write(document.pretty)
      }
    }
    for pointer in pointers where pointer.target == name { try write(pointer) }
    try prune(upTo: contents.step)
  }

  /// Puts the pointers where they were when `checkpoint` was written, and removes what was no longer
  /// kept then.
  ///
  /// A run that died between the folder and its pointers, or that goes on from an older checkpoint,
  /// then has the same pointers as one that did not stop.
  public func restorePointers(of checkpoint: Checkpoint) throws(Failure) {
    for pointer in checkpoint.pointers {
      guard FileSystem.kind(of: FilePath.join(folder.path, pointer.target)) == .directory,
        CheckpointFolder.isPointer(pointer.name), !pointer.name.contains("/"),
        Checkpoint.step(ofName: pointer.target) != nil
      else { continue }
      if (try? folder.pointer(pointer.name)) == pointer.target { continue }
      try write(pointer)
    }
    for name in try FileSystem.entries(of: folder.path)
    where CheckpointFolder.isPointer(name)
      && !checkpoint.pointers.contains(where: { $0.name == name })
    {
      try fileSystem.removeFile(FilePath.join(folder.path, name))
    }
    try prune(upTo: checkpoint.step)
  }

  private func write(_ pointer: (name: String, target: String)) throws(Failure) {
    let path = FilePath.join(folder.path, pointer.name)
    try AtomicFile.write(pointer.target + "\n", to: path, fileSystem: fileSystem)
  }

  /// Checkpoints behind `step` are of a run that this one has not caught up with; they stay.
  private func prune(upTo step: Int) throws(Failure) {
    let steps = try folder.steps().filter { $0 <= step }
    let named = Set(try folder.pointers().map(\.target))
    let kept = Set(steps.filter { $0 % interval == 0 }.suffix(keep))
    for step in steps
    where !kept.contains(step) && !named.contains(Checkpoint.name(step: step)) {
      try AtomicDirectory.remove(folder.path(step: step), fileSystem: fileSystem)
    }
  }

  /// A disk that is too full is told before minutes are spent on filling it.
  private func checkFreeSpace(_ contents: CheckpointContents) throws(Failure) {
    let needed =
      try SafetensorsWriter.byteCount(contents.model, metadata: contents.modelMetadata)
      + SafetensorsWriter.byteCount(contents.optimizer) + 1 << 20
    guard let free = fileSystem.freeBytes(at: folder.path), free < needed else { return }
    throw Failure(
      .io, folder.path(step: contents.step),
      "expected \(needed >> 20) MB of free space for the checkpoint, found \(free >> 20) MB",
      hint: "free space on this disk, then go on with --resume; what was saved before is intact")
  }

  private static func record(_ written: AtomicFile.Written) -> JSONValue {
    .fields(["bytes": .integer(written.byteCount), "sha256": .string(written.sha256)])
  }

  private static func pointerName(_ metric: String) throws(Failure) -> String {
    let isPlain =
      !metric.isEmpty
      && metric.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard isPlain else {
      throw Failure(.internal, "best_by", "\(metric) cannot be part of a file name")
    }
    return CheckpointFolder.bestPrefix + metric
  }
}
