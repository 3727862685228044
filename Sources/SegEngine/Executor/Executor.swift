import CSegKernels
import Glibc
import SegCore

/// Replays a plan: all memory is reserved here, and `run` allocates nothing.
public final class Executor {
  public let plan: Plan
  private let store: ParameterStore
  private let pool: ThreadPool
  private let memory: StepMemory
  /// Of this executor alone: it outlives steps, whoever takes turns.
  private let prepared: Arena
  private let constants: Arena
  private let context: UnsafeMutablePointer<StepContext>
  private let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private var calls: [KernelCall] = []
  /// The version of `memory` the calls point into.
  private var boundVersion = -1
  /// The store's generation `prepared` was computed from.
  private var preparedGeneration: UInt64?
  private let updatesBuffers: Bool

  /// - Parameter memory: shared by executors that never run at the same time; each fills its inputs before
  ///   every step then.
  /// - Throws: `Failure(.internal)` when memory cannot be reserved.
  public init(
    _ plan: Plan, store: ParameterStore, pool: ThreadPool, memory: StepMemory = StepMemory()
  ) throws {
    if let problem = sk_blas_problem() {
      throw Failure(.internal, "OpenBLAS", String(cString: problem))
    }
    self.plan = plan
    self.store = store
    self.pool = pool
    self.memory = memory
    try memory.reserve(plan, workers: pool.threads)
    prepared = try Arena(byteCount: plan.preparedBytes, purpose: "prepared weights")
    constants = try Arena(byteCount: plan.constantBytes, purpose: "constants")
    updatesBuffers = plan.steps.contains { !$0.op.traits.updates.isEmpty }
    context = .allocate(capacity: 1)
    context.initialize(to: StepContext())
    pointers = .allocate(
      capacity: max(1, plan.steps.reduce(0) { $0 + $1.inputs.count + $1.outputs.count }))
    bind()
    for (value, contents) in plan.constants {
      let start = pointer(to: value).assumingMemoryBound(to: Float.self)
      for (index, element) in contents.enumerated() { start[index] = element }
    }
  }

  deinit {
    context.deallocate()
    pointers.deallocate()
  }

  /// Computes what depends on the weights alone, unless it stands since the weights last changed.
  ///
  /// Every run does so first; calling it earlier only moves the time it takes.
  public func prepare() {
    guard plan.preparationCount > 0, preparedGeneration != store.generation else { return }
    bindAgain()
    for index in 0..<plan.preparationCount { plan.steps[index].op.run(calls[index]) }
    preparedGeneration = store.generation
  }

  /// Computes one step. The caller has filled the inputs but for those of the graph's `stepInput`.
  public func run(_ step: StepContext) {
    bindAgain()
    begin(step)
    prepare()
    for index in plan.preparationCount..<calls.count { plan.steps[index].op.run(calls[index]) }
    if updatesBuffers { store.buffersChanged() }
  }

  /// As `run`, reporting how long each operation took (seconds); for profiles.
  public func run(_ step: StepContext, timing: (_ index: Int, _ seconds: Double) -> Void) {
    bindAgain()
    begin(step)
    prepare()
    for index in plan.preparationCount..<calls.count {
      let start = Self.now()
      plan.steps[index].op.run(calls[index])
      timing(index, Self.now() - start)
    }
    if updatesBuffers { store.buffersChanged() }
  }

  /// Runs the step and names the first tensor that is not finite.
  ///
  /// - Returns: module path, operation and which output, or `nil` when all is finite.
  public func firstNonFinite(_ step: StepContext) -> String? {
    bindAgain()
    begin(step)
    // A step that is broken off leaves neither prepared weights nor statistics as they should be.
    preparedGeneration = nil
    defer { if updatesBuffers { store.buffersChanged() } }
    for (index, entry) in plan.steps.enumerated() {
      for value in entry.inputs {
        if case .arena(.inputs, _) = plan.locations[value.index], !isFinite(value) {
          return "input \(plan.inputNames.first { $0.value == value }?.name ?? "")"
        }
        if case .parameter(let parameter) = plan.locations[value.index], !isFinite(value) {
          return "parameter \(parameter.name)"
        }
      }
      entry.op.run(calls[index])
      for (output, value) in entry.outputs.enumerated() where !isFinite(value) {
        let pass = entry.isGradient ? "gradient of " : ""
        return "\(pass)\(entry.path): \(type(of: entry.op).name), output \(output)"
      }
    }
    return nil
  }

  private func begin(_ step: StepContext) {
    context.pointee = step
    for input in plan.stepInputs { input.fill(step.time, contents(of: input.value)) }
  }

  private func isFinite(_ value: Value) -> Bool {
    let type = plan.types[value.index]
    guard type.dtype == .float32 else { return true }
    return sk_all_finite(
      pool.handle, pointer(to: value).assumingMemoryBound(to: Float.self), type.shape.count) != 0
  }

  // MARK: Reaching values

  /// Memory of an input, to be filled before `run`.
  public func input<Element>(
    _ name: String, as: Element.Type = Float.self
  ) -> UnsafeMutableBufferPointer<Element> {
    guard let entry = plan.inputNames.first(where: { $0.name == name }) else {
      preconditionFailure("the plan has no input \(name)")
    }
    return contents(of: entry.value)
  }

  public func hasInput(_ name: String) -> Bool { plan.inputNames.contains { $0.name == name } }

  /// Memory of a tensor the plan keeps.
  public func contents<Element>(
    of tensor: Tensor, as: Element.Type = Float.self
  ) -> UnsafeMutableBufferPointer<Element> {
    contents(of: tensor.value)
  }

  package func contents<Element>(of value: Value) -> UnsafeMutableBufferPointer<Element> {
    let type = plan.types[value.index]
    precondition(MemoryLayout<Element>.size == type.dtype.size, "\(type) read as \(Element.self)")
    return UnsafeMutableBufferPointer(
      start: pointer(to: value).assumingMemoryBound(to: Element.self), count: type.shape.count)
  }

  private func pointer(to value: Value) -> UnsafeMutableRawPointer {
    switch plan.locations[value.index] {
    case .arena(.activations, let offset): Self.base(memory.activations) + offset
    case .arena(.inputs, let offset): Self.base(memory.inputs) + offset
    case .arena(.constants, let offset): constants.base + offset
    case .arena(.prepared, let offset): prepared.base + offset
    case nil: preconditionFailure("value \(value.index) has no memory in this plan")
    case .parameter(let parameter): store.pointer(to: parameter)
    case .gradient(let parameter): store.gradientPointer(to: parameter)
    case .buffer(let buffer): store.pointer(to: buffer)
    }
  }

  private static func base(_ arena: Arena?) -> UnsafeMutableRawPointer {
    guard let arena else { preconditionFailure("memory of a step used before it was reserved") }
    return arena.base
  }

  /// Finds memory that another executor has moved.
  private func bindAgain() {
    if boundVersion != memory.version { bind() }
  }

  private func bind() {
    boundVersion = memory.version
    calls.removeAll(keepingCapacity: true)
    var next = 0
    var written: Set<Value> = []
    for step in plan.steps {
      var mask: UInt64 = 0
      for (index, value) in step.outputs.enumerated() {
        if step.accumulates[index] { mask |= 1 << UInt64(index) }
        if case .gradient = plan.locations[value.index], written.insert(value).inserted {
          mask |= 1 << UInt64(32 + index)
        }
      }
      calls.append(
        KernelCall(
          inputs: step.inputs.map { plan.types[$0.index] },
          outputs: step.outputs.map { plan.types[$0.index] },
          pointers: UnsafePointer(pointers + next), accumulateMask: mask,
          context: UnsafePointer(context), workspace: Self.base(memory.workspace), pool: pool.handle
        ))
      for value in step.inputs + step.outputs {
        (pointers + next).initialize(to: pointer(to: value))
        next += 1
      }
    }
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  // MARK: Tests

  /// Fills activations with `byte`: nothing a plan computes may depend on what was there.
  package func poison(byte: UInt8) {
    memory.activations?.fill(byte: byte)
    memory.workspace?.fill(byte: byte)
  }

  /// Whether every byte between separately placed values still is `byte` after `poison(byte:)`.
  package func guardsIntact(byte: UInt8) -> Bool {
    precondition(plan.placement == .separate)
    var used = [Bool](repeating: false, count: plan.activationBytes)
    for (index, location) in plan.locations.enumerated() {
      guard case .arena(.activations, let offset) = location else { continue }
      for position in offset..<offset + plan.types[index].byteCount { used[position] = true }
    }
    let bytes = Self.base(memory.activations).assumingMemoryBound(to: UInt8.self)
    return used.indices.allSatisfy { used[$0] || bytes[$0] == byte }
  }
}
