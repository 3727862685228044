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
  private var sums: [Double] = []
  private var mass: [Double] = []

  init(_ setup: TrainingSetup, pool: ThreadPool, memory: StepMemory) throws {
    units = try setup.tracePlans.map { count, plan in
      let executor = try Executor(
        plan.plan, store: setup.network.store, pool: pool, memory: memory)
      return Unit(count: count, plan: plan, executor: executor)
    }
  }

  /// Adds one batch of the step.
  ///
  /// - Parameter context: that of the batch's training pass, so that dropout is the same.
  func add(_ batch: Batch, _ context: StepContext) {
    guard let unit = units.first(where: { $0.count == batch.count }) ?? units.first else { return }
    _ = unit.executor.input("image").update(fromContentsOf: batch.images)
    _ = unit.executor.input("labels", as: UInt8.self).update(fromContentsOf: batch.labels)
    unit.executor.run(context)
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
