import SegCore

/// How far a run of a study has come, as its folder tells.
enum CellState: Equatable {
  /// Nothing is there.
  case new
  /// Begun; `nil`: before its first checkpoint.
  case begun(step: Int?)
  case finished
  /// Why it cannot be finished.
  case diverged(String)
  /// The run was begun with another config: what differs.
  case changed([String])

  var name: String {
    switch self {
    case .new: "new"
    case .begun: "begun"
    case .finished: "finished"
    case .diverged: "diverged"
    case .changed: "changed"
    }
  }

  var text: String {
    switch self {
    case .new: "new"
    case .begun(let step): step.map { "begun, \($0) iterations done" } ?? "begun"
    case .finished: "finished"
    case .diverged: "diverged"
    case .changed(let keys): "changed: " + keys.joined(separator: "; ")
    }
  }
}

/// `cell.json`: what a study noted in a run's folder when it was through with it.
struct CellRecord: Equatable {
  static let name = "cell.json"

  enum Outcome: Equatable {
    /// Scored: the folder of the evaluation and the checkpoint it is of.
    case finished(evaluation: String, checkpoint: String)
    case diverged(String)
  }

  var outcome: Outcome
  var evaluation: StudyEvaluationConfig

  var json: JSONValue {
    var fields: [(key: String, value: JSONValue)] = [
      ("choice", .string(evaluation.checkpoint.rawValue)),
      ("split", evaluation.split.map { .string($0) } ?? .null),
    ]
    switch outcome {
    case .finished(let folder, let checkpoint):
      fields.insert(("state", .string("finished")), at: 0)
      fields += [("evaluation", .string(folder)), ("checkpoint", .string(checkpoint))]
    case .diverged(let message):
      fields.insert(("state", .string("diverged")), at: 0)
      fields.append(("message", .string(message)))
    }
    return .object(fields)
  }

  init(_ outcome: Outcome, _ evaluation: StudyEvaluationConfig) {
    self.outcome = outcome
    self.evaluation = evaluation
  }

  /// The record in a run's folder; `nil` where there is none that can be understood: the study then does over what
  /// it cannot know to be done.
  init?(run: String) {
    let path = FilePath.join(run, Self.name)
    guard FileSystem.kind(of: path) == .file, let bytes = try? InputFile.contents(of: path),
      let json = try? JSONNode.parse(bytes, name: path).value,
      let choice = json["choice"]?.text.flatMap({ StudyEvaluationConfig.Choice(rawValue: $0) })
    else { return nil }
    evaluation = StudyEvaluationConfig(checkpoint: choice, split: json["split"]?.text)
    switch json["state"]?.text {
    case "finished":
      guard let folder = json["evaluation"]?.text, let checkpoint = json["checkpoint"]?.text
      else { return nil }
      outcome = .finished(evaluation: folder, checkpoint: checkpoint)
    case "diverged": outcome = .diverged(json["message"]?.text ?? "diverged")
    default: return nil
    }
  }
}

extension StudyCell {
  /// Keys that may change under a run that was begun: they have no part in its weights and scores.
  private static let free = ["name", "engine", "log", "data.workers", "data.cache_mb", "data.root"]

  /// - Parameter evaluation: what the study wants scored.
  func state(_ evaluation: StudyEvaluationConfig) throws(Failure) -> CellState {
    guard FileSystem.kind(of: path) != nil else { return .new }
    let stored = FilePath.join(path, RunDirectory.configName)
    if FileSystem.kind(of: stored) == .file {
      // Decoded again, so that keys a later version has added stand there with their defaults.
      let before = try RunConfig.load(path: stored).resolved
      let changes = ResumeCheck.differences(before, loaded.resolved, ignoring: Self.free)
      if !changes.isEmpty { return .changed(changes) }
    }
    if let record = CellRecord(run: path) {
      switch record.outcome {
      case .diverged(let message): return .diverged(message)
      case .finished(let folder, _):
        let isThere = [
          FilePath.join(folder, "summary.json"), FilePath.join(folder, "per_image.csv"),
        ].allSatisfy { FileSystem.kind(of: FilePath.join(path, $0)) == .file }
        if record.evaluation == evaluation, isThere { return .finished }
      }
    }
    let checkpoints = CheckpointFolder(FilePath.join(path, RunDirectory.checkpointsName))
    return .begun(step: try checkpoints.steps().last)
  }

  /// What a user is told who changed the config of a run that was begun.
  func changed(_ keys: [String]) -> Failure {
    Failure(
      .badConfig, path,
      "the run was begun with another configuration:\n  " + keys.joined(separator: "\n  "),
      hint: "change the study back, rename the entry or the study, or remove the folder")
  }
}
