public import SegCore
public import SegEngine
public import SegOptim

/// Applies an optimiser to the parameters that learn, and owns its state.
public final class OptimizerRunner {
  private let optimizer: any Optimizer
  /// For parameters that do not decay.
  private let withoutDecay: any Optimizer
  private let store: ParameterStore
  private let pool: ThreadPool
  private let trainable: [Parameter]
  let groups: [ParameterGroup]
  private let states: [StateBlock]
  /// The memory of `states`, gathered once: a step allocates nothing.
  private let blocks: [UnsafeMutableBufferPointer<Float>]

  /// - Parameters:
  ///   - trainable: in declaration order.
  ///   - headFactor: of the learning rate outside `backbone`.
  ///   - exception: what updates the parameters of some kinds instead; with the same states.
  public init(
    _ optimizer: any Optimizer, store: ParameterStore, trainable: [Parameter], headFactor: Double,
    exception: (optimizer: any Optimizer, kinds: [NoDecay])? = nil, pool: ThreadPool
  ) throws {
    self.optimizer = optimizer
    withoutDecay = exception?.optimizer ?? optimizer
    self.store = store
    self.pool = pool
    self.trainable = trainable
    groups = ParameterGroup.all(
      trainable, store, headFactor: headFactor, kept: exception?.kinds ?? [])
    states = try optimizer.stateNames.map { try StateBlock($0, elements: store.parameterBytes / 4) }
    blocks = states.map(\.values)
  }

  /// Takes step `step` (counted from 0) with the gradients in the store.
  public func update(step: Int, learningRate: Double) {
    store.updateParameters { parameters in
      for group in groups {
        (group.decays ? optimizer : withoutDecay).update(
          parameters: parameters, gradients: store.flatGradients, state: blocks,
          range: group.range, learningRate: learningRate * group.factor, step: step + 1, pool: pool)
      }
    }
  }

  /// `optimizer.safetensors`: `<state>.<parameter>` for every state and every parameter that learns.
  public var tensors: [TensorSource] {
    states.flatMap { state in
      trainable.map { parameter in
        let start = store.range(of: parameter).lowerBound
        return TensorSource(name: "\(state.name).\(parameter.name)", shape: parameter.filedShape) {
          parameter.gather(UnsafeBufferPointer(state.values), at: start)
        }
      }
    }
  }

  /// Restores the state from a checkpoint.
  public func load(_ path: String) throws {
    let reader = try SafetensorsReader(path)
    let entries = Dictionary(reader.entries.map { ($0.name, $0) }) { first, _ in first }
    for state in states {
      for parameter in trainable {
        let name = "\(state.name).\(parameter.name)"
        guard let entry = entries[name], entry.shape == parameter.filedShape else {
          throw Failure(
            .badData, path,
            "expected \(name) \(parameter.filedShape), found \(entries[name].map { "\($0.shape)" } ?? "none")",
            hint: "the checkpoint was written with another optimizer or train_only")
        }
        parameter.scatter(
          try reader.floats(entry).values, into: state.values,
          at: store.range(of: parameter).lowerBound)
      }
    }
  }
}

/// One state of an optimiser for all parameters, zero at first, at the parameters' offsets.
private final class StateBlock {
  let name: String
  private let arena: Arena
  let values: UnsafeMutableBufferPointer<Float>

  init(_ name: String, elements: Int) throws {
    self.name = name
    arena = try Arena(byteCount: elements * 4, purpose: "optimizer state \(name)")
    values = UnsafeMutableBufferPointer(
      start: arena.base.assumingMemoryBound(to: Float.self), count: elements)
  }
}
