public import SegCore

/// The folder `checkpoints/` of a run: which checkpoints there are and which of them have a name.
///
/// A pointer is a small file (`last`, `best_mean_iou`) that holds the name of a checkpoint.
public struct CheckpointFolder: Sendable {
  public static let lastName = "last"
  public static let bestPrefix = "best_"

  public let path: String

  public init(_ path: String) { self.path = path }

  /// The steps of all checkpoints, ascending, damaged ones included.
  public func steps() throws(Failure) -> [Int] {
    guard FileSystem.kind(of: path) == .directory else { return [] }
    return try FileSystem.entries(of: path).compactMap { Checkpoint.step(ofName: $0) }.sorted()
  }

  public func path(step: Int) -> String { FilePath.join(path, Checkpoint.name(step: step)) }

  /// The newest checkpoint that is whole, with a warning for each newer one that is not.
  ///
  /// - Returns: no checkpoint where there are none.
  /// - Throws: `.badData` where there are some and all are damaged.
  public func latestComplete() throws(Failure) -> (checkpoint: Checkpoint?, warnings: [String]) {
    var warnings: [String] = []
    let steps = try steps()
    for step in steps.reversed() {
      do throws(Failure) {
        let checkpoint = try Checkpoint.load(path(step: step))
        guard checkpoint.step == step else {
          throw Failure(
            .badData, checkpoint.path,
            "expected the state of step \(step), "
              + "found that of step \(checkpoint.step)")
        }
        return (checkpoint, warnings)
      } catch {
        warnings.append("checkpoint \(Checkpoint.name(step: step)) is passed over: \(error)")
      }
    }
    if steps.isEmpty { return (nil, []) }
    throw Failure(
      .badData, path,
      "none of the \(steps.count) checkpoints is whole\n  " + warnings.joined(separator: "\n  "),
      hint: "begin a new run in another --run-dir; a model.safetensors that is left can be its "
        + "model.weights")
  }

  // MARK: Pointers

  /// The checkpoint name in a pointer file; nil where there is no such file.
  ///
  /// - Throws: `.badData` where the file holds something else.
  public func pointer(_ name: String) throws(Failure) -> String? {
    let file = FilePath.join(path, name)
    guard FileSystem.kind(of: file) == .file else { return nil }
    let text = try InputFile.text(of: file, limit: 1 << 12)
    let target = String(text.prefix { $0 != "\n" })
    guard Checkpoint.step(ofName: target) != nil else {
      throw Failure(
        .badData, file,
        "expected the name of a checkpoint such as step_0000500, found "
          + JSONValue.string(String(target.prefix(40))).compact,
        hint: "name the checkpoint folder itself")
    }
    return target
  }

  /// All pointers, by name; files that hold no checkpoint name are left out.
  public func pointers() throws(Failure) -> [(name: String, target: String)] {
    guard FileSystem.kind(of: path) == .directory else { return [] }
    var found: [(name: String, target: String)] = []
    for name in try FileSystem.entries(of: path) where Self.isPointer(name) {
      if let target = try? pointer(name) { found.append((name, target)) }
    }
    return found
  }

  static func isPointer(_ name: String) -> Bool {
    name == lastName || name.hasPrefix(bestPrefix)
  }
}
