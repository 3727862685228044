public import SegCore

/// What a checkpoint holds beside tensors: enough to go on bit for bit.
///
/// Order of samples, augmentation, dropout and learning rate are functions of seed and iteration, so the
/// iteration is all they need.
public struct TrainingState: Sendable, Equatable {
  /// Best value of each score in `checkpoint.best_by`, and its step.
  public var best: [String: Best] = [:]
  /// Numbers of the training samples left out so far: each is told once.
  public var skipped: Set<Int> = []

  public struct Best: Sendable, Equatable {
    public var value: Double
    public var step: Int
  }

  public init() {}

  public init(_ json: JSONValue) {
    if case .array(let numbers)? = json["skipped_samples"] {
      for case .integer(let number) in numbers { skipped.insert(number) }
    }
    guard case .object(let pairs)? = json["best"] else { return }
    for (name, entry) in pairs {
      guard let value = entry["value"]?.double, case .integer(let step)? = entry["step"] else {
        continue
      }
      best[name] = Best(value: value, step: step)
    }
  }

  public var json: JSONValue {
    .fields([
      "best": .object(
        best.sorted { $0.key < $1.key }.map { name, best in
          (
            key: name,
            value: .fields(["value": .number(best.value), "step": .integer(best.step)])
          )
        }),
      "skipped_samples": .array(skipped.sorted().map { .integer($0) }),
    ])
  }
}
