package import SegCore

/// How values are placed in memory.
public enum Placement: String, Sendable {
  /// Memory is shared by values that do not live at the same time. What training uses.
  case shared
  /// Every value has memory of its own, nothing is overwritten: the reference for tests and debugging.
  case separate
}

/// The kinds of memory a plan addresses.
package enum MemoryClass: Hashable, Sendable {
  case activations, prepared, inputs, constants
}

/// Where a value lives: a kind of memory and a byte offset, or a slot of the parameter store.
package enum Location: Hashable, Sendable {
  case arena(MemoryClass, offset: Int)
  case parameter(Parameter)
  case gradient(Parameter)
  case buffer(Buffer)
}

/// A graph made ready to be replayed: the order of operations and a place for every value.
///
/// Peak memory is known before anything runs, and replaying allocates nothing.
public struct Plan: Sendable {
  package struct Step: Sendable {
    package var op: any Op
    package var inputs: [Value]
    package var outputs: [Value]
    package var accumulates: [Bool]
    package var path: String
    package var isGradient: Bool
  }

  /// What depends on weights alone comes first, see `preparationCount`.
  package let steps: [Step]
  /// Leading steps that need to run only after weights have changed; inference only.
  package let preparationCount: Int
  package let types: [TensorType]
  package let locations: [Location?]
  package let inputNames: [(name: String, value: Value)]
  package let stepInputs: [StepInput]
  package let constants: [(value: Value, contents: [Float])]
  /// Bytes of memory for values made and consumed within a step.
  public let activationBytes: Int
  /// The least any placement could do with: the largest sum of live values at one moment.
  public let lowerBoundBytes: Int
  /// Bytes of memory for what is computed from the weights alone and kept between steps.
  public let preparedBytes: Int
  public let inputBytes: Int
  public let constantBytes: Int
  public let placement: Placement
  /// Bytes left free, and checked, between two values (tests).
  package let guardBytes: Int

  /// Plans `graph`.
  ///
  /// - Parameters:
  ///   - keeping: tensors that must still hold their values after the run.
  ///   - recompute: what is computed again for the gradient instead of being kept until then.
  ///   - guardBytes: room between values that nothing may touch.
  public init(
    _ graph: Graph, keeping outputs: [Tensor], recompute: RecomputePolicy = .none,
    placement: Placement = .shared, guardBytes: Int = 0
  ) {
    self.placement = placement
    self.guardBytes = guardBytes
    precondition(
      recompute == .none || graph.mode.isTraining, "only training has something to compute again")
    var program = recompute.applied(to: Program(graph, keeping: Set(outputs.map(\.value.index))))
    let preparation = Preparation(program, in: graph.mode)
    preparationCount = preparation.nodes.count
    program.nodes = preparation.nodes + preparation.otherNodes
    steps = program.nodes.map { node in
      Step(
        op: node.op, inputs: node.inputs, outputs: node.outputs.map(\.value),
        accumulates: node.outputs.map(\.accumulates), path: node.path, isGradient: node.isGradient)
    }
    types = program.types

    let lifetimes = Lifetimes(
      program, excluding: preparation.results, shareInPlace: placement == .shared)
    let arena =
      placement == .shared
      ? Arrangement(packing: lifetimes.storages, guardBytes: guardBytes)
      : Arrangement(separating: lifetimes.storages, guardBytes: guardBytes)
    activationBytes = arena.byteCount
    lowerBoundBytes = lifetimes.peak

    var locations = [Location?](repeating: nil, count: types.count)
    for (value, storage) in lifetimes.storageOf.enumerated() where storage >= 0 {
      locations[value] = .arena(.activations, offset: arena.offsets[storage])
    }
    var prepared = Layout(guardBytes: guardBytes)
    var inputs = Layout(guardBytes: guardBytes)
    var fixed = Layout(guardBytes: guardBytes)
    var inputNames: [(name: String, value: Value)] = []
    var constants: [(value: Value, contents: [Float])] = []
    for index in types.indices {
      let value = Value(index: index)
      switch program.roles[index] {
      case .activation:
        if preparation.results.contains(index) {
          locations[index] = .arena(.prepared, offset: prepared.add(types[index].byteCount))
        }
      case .input(let name):
        inputNames.append((name, value))
        locations[index] = .arena(.inputs, offset: inputs.add(types[index].byteCount))
      case .constant(let contents):
        constants.append((value, contents))
        locations[index] = .arena(.constants, offset: fixed.add(types[index].byteCount))
      case .parameter(let parameter): locations[index] = .parameter(parameter)
      case .gradient(let parameter): locations[index] = .gradient(parameter)
      case .buffer(let buffer): locations[index] = .buffer(buffer)
      }
    }
    self.locations = locations
    self.inputNames = inputNames
    stepInputs = graph.stepInputs
    self.constants = constants
    preparedBytes = prepared.byteCount
    inputBytes = inputs.byteCount
    constantBytes = fixed.byteCount
  }

  /// Scratch bytes the hungriest operation needs with `workers` threads.
  public func workspaceBytes(workers: Int) -> Int {
    steps.map { $0.op.workspaceBytes($0.inputs.map { types[$0.index] }, workers: workers) }.max()
      ?? 0
  }
}
