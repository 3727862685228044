import SegCore
import SegEngine
import SegTraining
import Testing

@Suite struct WeightAverageTests {
  private func contents(_ store: ParameterStore) -> [[Float]] {
    [Array(store.flatParameters)]
      + store.buffers.map { buffer in
        buffer.type.dtype == .float32
          ? store.values(of: buffer) : [Float(store.counter(buffer))]
      }
  }

  /// Against the definition in double; the weights themselves are as without an average.
  @Test func followsItsDefinition() throws {
    let (run, plain) = (try SmallTraining(), try SmallTraining())
    let pool = ThreadPool(threads: 2)
    let decay = 0.25
    let average = try WeightAverage(decay: decay, store: run.store, pool: pool)
    var expected = contents(run.store).map { $0.map(Double.init) }
    for step in 0..<3 {
      run.run(step)
      run.update(step)
      average.update(step: step)
      plain.run(step)
      plain.update(step)
      // 2/11 and 3/12 in the first steps, then the decay.
      let kept = min(decay, Double(2 + step) / Double(11 + step))
      for (index, values) in contents(run.store).enumerated() {
        let isCounter = index > 0 && run.store.buffers[index - 1].type.dtype == .int64
        for (element, value) in values.enumerated() {
          let old = expected[index][element]
          expected[index][element] =
            isCounter ? Double(value) : kept * old + (1 - kept) * Double(value)
        }
      }
    }
    #expect(run.difference(from: plain) == nil)
    let generation = run.store.generation
    let found = average.inPlace { contents(run.store) }
    // What was prepared from the weights is stale.
    #expect(run.store.generation > generation)
    for (found, expected) in zip(found, expected) {
      let largest = expected.map { abs($0) }.max() ?? 0
      // Three roundings of every value, and the share's own.
      let isNear = zip(found, expected).allSatisfy { abs(Double($0) - $1) <= 1e-6 * largest }
      #expect(isNear)
    }
    #expect(run.difference(from: plain) == nil)
  }

  @Test func sameBitsForAnyNumberOfThreads() throws {
    let stores = try [1, 3].map { threads in
      let run = try SmallTraining(threads: threads)
      let average = try WeightAverage(
        decay: 0.5, store: run.store, pool: ThreadPool(threads: threads))
      run.run(0)
      run.update(0)
      average.update(step: 0)
      return average.inPlace { contents(run.store) }
    }
    #expect(stores[0] == stores[1])
  }
}
