import SegCore

/// Whether a configuration may go on with a run that another one started.
enum ResumeCheck {
  /// Keys that may differ: they change neither the weights nor the order of anything.
  private static let free = [
    "name", "engine", "log", "checkpoint", "evaluation", "data.workers", "data.cache_mb",
    "data.root",
    "training.iterations", "training.epochs",
  ]

  /// - Throws: `Failure(.badConfig)` that lists the keys that differ.
  static func compare(_ resolved: JSONValue, with run: RunDirectory) throws {
    guard FileSystem.kind(of: run.config) == .file else { return }
    let bytes = try InputFile.contents(of: run.config)
    let before = try JSONNode.parse(bytes, name: run.config).value
    let differences = differences(before, resolved, ignoring: free)
    guard !differences.isEmpty else { return }
    throw Failure(
      .badConfig, run.path,
      "the run was started with another configuration:\n  "
        + differences.joined(separator: "\n  "),
      hint: "resume with the configuration in \(run.config), or start a new run")
  }

  /// One text for each key whose value is another, e.g. `optimizer.lr was 0.1, is 0.2`.
  ///
  /// - Parameter free: dotted paths that are not looked at, with all below them.
  static func differences(
    _ before: JSONValue, _ now: JSONValue, ignoring free: [String]
  ) -> [String] {
    var differences: [String] = []
    collect(before, now, path: "", free, into: &differences)
    return differences
  }

  private static func collect(
    _ before: JSONValue?, _ now: JSONValue?, path: String, _ free: [String],
    into differences: inout [String]
  ) {
    if free.contains(path) { return }
    if case .object(let old)? = before, case .object(let new)? = now {
      let keys = old.map(\.key) + new.map(\.key).filter { key in !old.contains { $0.key == key } }
      for key in keys {
        collect(
          before?[key], now?[key], path: path.isEmpty ? key : "\(path).\(key)", free,
          into: &differences)
      }
    } else if before.map(\.compact) != now.map(\.compact) {
      differences.append(
        "\(path) was \(before?.compact ?? "absent"), is \(now?.compact ?? "absent")")
    }
  }
}
