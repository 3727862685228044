import SegCore
import SegEngine
import SegLosses
import SegModels
import SegNN
import SegTestSupport
import SegTraining
import Testing

/// Gradients of k batches, summed and divided by k, are those of one batch k times as large, where no statistics of
/// the batch take part.
@Suite struct AccumulationTests {
  private func gradients(_ batches: [Range<Int>], accumulating: Bool) throws -> [Float] {
    let network = Network(ModelOptions(architecture: .fcn, classes: 11, dropout: 0))
    let store = network.store
    let builder = LossBuilder(
      LossConfig(terms: [LossTermConfig(CrossEntropy())]), auxiliaryWeight: 0, classes: 11,
      ignoreIndex: 255, classWeights: [nil])
    let training = try TrainingPlan(
      network, loss: builder, batch: batches[0].count, height: 32, width: 48,
      trainable: store.parameters, fixedStatistics: store.parameters)
    try store.reserve(gradients: true)
    network.declarations.initialize(seed: 2)
    let executor = try Executor(training.plan, store: store, pool: ThreadPool(threads: 2))
    for (index, scenes) in batches.enumerated() {
      let batch = GoldenBatch(
        first: scenes.lowerBound, count: scenes.count, height: 32, width: 48)
      _ = executor.input("image").update(fromContentsOf: batch.imagesChannelsLast)
      // Every pixel counts, so that each batch has the same weight.
      let labels = batch.labels.map { $0 == 255 ? 0 : $0 }
      _ = executor.input("labels", as: UInt8.self).update(fromContentsOf: labels)
      var context = StepContext()
      context.accumulateGradients = accumulating && index > 0
      executor.run(context)
    }
    return store.flatGradients.map { $0 / Float(batches.count) }
  }

  @Test func equalsOneLargeBatch() throws {
    let large = try gradients([0..<4], accumulating: false)
    let parts = try gradients([0..<2, 2..<4], accumulating: true)
    let largest = large.map(abs).max() ?? 0
    let distance = zip(large, parts).map { abs($0 - $1) }.max() ?? .infinity
    // Sums in another order.
    #expect(largest > 0 && distance <= 1e-5 * largest, "\(distance) of \(largest)")
    // The second batch alone is something else.
    let last = try gradients([0..<2, 2..<4], accumulating: false)
    #expect(zip(large, last).contains { abs($0 - $1) > 0.1 * largest })
  }
}
