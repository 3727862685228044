public import SegCore
import SegEngine

/// What a checkpoint holds beside tensors: enough to go on bit for bit.
///
/// Order of samples, augmentation, dropout and learning rate are functions of seed and iteration, so the
/// iteration is all they need.
public struct TrainingState: Sendable, Equatable {
  /// Best value of each score in `checkpoint.best_by`, and its step.
  public var best: [String: Best] = [:]
  /// Numbers of the training samples left out so far: each is told once.
  public var skipped: Set<Int> = []
  /// What losses remember over the run, by name.
  public var memory: [String: [Float]] = [:]

  public struct Best: Sendable, Equatable {
    public var value: Double
    public var step: Int
  }

  public init() {}

  public init(_ json: JSONValue) {
    if case .array(let numbers)? = json["skipped_samples"] {
      for case .integer(let number) in numbers { skipped.insert(number) }
    }
    if case .object(let pairs)? = json["loss_memory"] {
      for (name, values) in pairs {
        guard case .array(let values) = values else { continue }
        memory[name] = values.compactMap { $0.double.map { Float($0) } }
      }
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
    let memory = memory.sorted { $0.key < $1.key }.map { name, values in
      (key: name, value: JSONValue.array(values.map { .float($0) }))
    }
    return .object(
      [
        (
          key: "best",
          value: .object(
            best.sorted { $0.key < $1.key }.map { name, best in
              (
                key: name,
                value: .fields(["value": .number(best.value), "step": .integer(best.step)])
              )
            })
        ),
        (key: "skipped_samples", value: .array(skipped.sorted().map { .integer($0) })),
      ] + (memory.isEmpty ? [] : [(key: "loss_memory", value: .object(memory))]))
  }
}

extension TrainingState {
  /// Notes what losses remember, exactly.
  mutating func keepMemory(of store: ParameterStore) {
    for buffer in store.runBuffers { memory[buffer.name] = store.values(of: buffer) }
  }

  /// Gives losses back what they remembered when the checkpoint at `path` was written.
  func restoreMemory(of store: ParameterStore, from path: String) throws(Failure) {
    for buffer in store.runBuffers {
      guard let values = memory[buffer.name], values.count == buffer.type.shape.count else {
        throw Failure(
          .badData, path,
          "expected \(buffer.type.shape.count) values of \(buffer.name) in its state",
          hint: "the checkpoint is damaged or of a run with another loss; use another one")
      }
      store.set(buffer, to: values)
    }
  }
}
