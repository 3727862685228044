import SegData
import SegEngine

/// Forward and backward passes of training batches: full ones, and an epoch's smaller last one.
struct BatchRunner {
  struct Loss {
    var total: Float
    var terms: [Float]
  }

  private struct Unit {
    var count: Int
    var plan: TrainingPlan
    var executor: Executor
  }

  private let units: [Unit]

  init(_ setup: TrainingSetup, pool: ThreadPool, memory: StepMemory) throws {
    let perBatch = setup.config.training.batchSize
    var plans = [(perBatch, setup.plan)]
    if let last = setup.lastPlan { plans.append((setup.train.count % perBatch, last)) }
    units = try plans.map { count, plan in
      let executor = try Executor(
        plan.plan, store: setup.network.store, pool: pool, memory: memory)
      return Unit(count: count, plan: plan, executor: executor)
    }
  }

  /// Leaves the gradients in the parameter store.
  func run(_ batch: Batch, _ context: StepContext) throws -> Loss {
    let unit = unit(for: batch)
    fill(unit, batch)
    unit.executor.run(context)
    return Loss(
      total: unit.executor.contents(of: unit.plan.loss)[0],
      terms: unit.plan.terms.map { unit.executor.contents(of: $0)[0] })
  }

  /// Runs the batch once more and names the first tensor that is not finite.
  func firstNonFinite(_ batch: Batch, _ context: StepContext) -> String? {
    let unit = unit(for: batch)
    fill(unit, batch)
    return unit.executor.firstNonFinite(context)
  }

  private func fill(_ unit: Unit, _ batch: Batch) {
    _ = unit.executor.input("image").update(fromContentsOf: batch.images)
    _ = unit.executor.input("labels", as: UInt8.self).update(fromContentsOf: batch.labels)
  }

  private func unit(for batch: Batch) -> Unit {
    units.first { $0.count == batch.count } ?? units[0]
  }
}
