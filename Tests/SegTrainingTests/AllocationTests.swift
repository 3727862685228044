import SegCore
import SegEngine
import SegLosses
import SegOptim
import SegTestSupport
import SegTraining
import Testing

/// A training step allocates nothing: memory is planned, and the heap cannot make steps slower as a run ages.
@Suite(
  .enabled(
    if: AllocationCount.isMeaningful,
    "counts mean something in release builds without sanitizers only"))
struct AllocationTests {
  // In processes of their own: the counter sees all threads.
  @Test(arguments: [1, 2]) func aStepAllocatesNothing(_ threads: Int) async {
    await #expect(processExitsWith: .success) { [threads] in
      for optimizer in [SGD(momentum: 0.9, weightDecay: 1e-4), Adam()] as [any Optimizer] {
        // A schedule fills an input before every step.
        let loss = LossConfig(
          terms: [LossTermConfig(RecallLoss()), LossTermConfig(LDAM(deferredStart: 0.5))],
          schedule: AlternatingSchedule())
        let run = try SmallTraining(sum: loss, threads: threads, optimizer: optimizer)
        run.fill(0)
        var context = StepContext()
        func step(_ index: Int) {
          context.step = UInt64(index)
          context.time = TrainingTime(iteration: index, of: 3)
          run.executor.run(context)
          run.optimizer.update(step: index, learningRate: 0.01)
        }
        step(0)
        let count = AllocationCount.during { for index in 1...2 { step(index) } }
        let value = run.executor.contents(of: run.training.loss)[0]
        #expect(count == 0, "\(type(of: optimizer)): \(AllocationCount.sites)")
        #expect(value.isFinite && value > 0)
      }
    }
  }

  /// The counter sees Swift's arrays, C's blocks and other threads.
  @Test func anAllocationIsCounted() async {
    await #expect(processExitsWith: .success) {
      var kept: [[Int]] = []
      kept.reserveCapacity(4)
      let none = AllocationCount.during {}
      let array = AllocationCount.during { kept.append([Int](repeating: kept.count, count: 100)) }
      let pool = AllocationCount.during { _ = ThreadPool(threads: 2) }
      #expect(none == 0)
      #expect(array == 1 && kept[0].count == 100)
      #expect(pool > 2)
    }
  }
}
