import SegData
import SegEngine

/// Second looks at training steps, summed over the batches of a step.
final class TraceRunner {
  private struct Unit {
    var count: Int
    var plan: TracePlan
    var executor: Executor
  }

  private let units: [Unit]
  private let store: ParameterStore
  private var sums: [Double] = []
  private var mass: [Double] = []

  init(_ setup: TrainingSetup, pool: ThreadPool, memory: StepMemory) throws {
    store = setup.network.store
    units = try setup.tracePlans.map { count, plan in
      let executor = try Executor(
        plan.plan, store: setup.network.store, pool: pool, memory: memory)
      return Unit(count: count, plan: plan, executor: executor)
    }
  }

  /// Adds one batch of the step, before the step itself takes it.
  ///
  /// - Parameter context: that of the batch's training pass, so that dropout is the same.
  func add(_ batch: Batch, _ context: StepContext) {
    guard let unit = units.first(where: { $0.count == batch.count }) ?? units.first else { return }
    _ = unit.executor.input("image").update(fromContentsOf: batch.images)
    _ = unit.executor.input("labels", as: UInt8.self).update(fromContentsOf: batch.labels)
    // What a loss remembers moves on with the step, not with the look at it.
    let memory = store.runBuffers.map { store.values(of: $0) }
    unit.executor.run(context)
    for (buffer, values) in zip(store.runBuffers, memory) { store.set(buffer, to: values) }
    let found = unit.executor.contents(of: unit.plan.sums, as: Double.self)
    let masses = unit.executor.contents(of: unit.plan.mass, as: Double.self)
    sums = sums.isEmpty ? Array(found) : zip(sums, found).map { $0 + $1 }
    mass = mass.isEmpty ? Array(masses) : zip(mass, masses).map { $0 + $1 }
  }

  /// What was added since the last time.
  func take() -> ClassTraces {
    defer { (sums, mass) = ([], []) }
    return ClassTraces(sums: sums, mass: mass)
  }
}
