import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct UpdateRunningStatisticsTests {
  // Numbers of torch 2.15.0:
  //
  //   bn = torch.nn.BatchNorm2d(3, momentum=0.1)
  //   i = torch.arange(2 * 3 * 2 * 2).reshape(2, 3, 2, 2)
  //   for step in range(3):
  //       bn(((7 * i + 3 * step) % 11) * 0.25 + step)
  //       print([f"{v:.9g}" for v in bn.running_mean.tolist()],
  //             [f"{v:.9g}" for v in bn.running_var.tolist()], int(bn.num_batches_tracked))
  static let expected: [(mean: [Float], variance: [Float])] = [
    ([0.143749997, 0.121875003, 0.100000001], [0.978124976, 0.959709823, 0.973214269]),
    ([0.379374981, 0.337812513, 0.296249986], [0.953526735, 0.923448682, 0.954017818]),
    ([0.663312435, 0.604031265, 0.613499999], [0.917883873, 0.904318094, 0.918325841]),
  ]

  @Test func followsTorchForThreeSteps() throws {
    let store = ParameterStore()
    let mean = store.declareBuffer("bn.running_mean", TensorType([3]))
    let variance = store.declareBuffer("bn.running_var", TensorType([3]))
    let counter = store.declareBuffer("bn.num_batches_tracked", TensorType([], .int64))
    try store.reserve(gradients: false)
    store.set(variance, to: [1, 1, 1])

    let graph = Graph()
    let x = graph.input("x", TensorType([2, 2, 2, 3]))
    let statistics = try graph.emit(BatchNormStatistics(), [x], path: "bn")
    try graph.emit(
      UpdateRunningStatistics(momentum: 0.1, count: 8),
      [statistics[0], statistics[1]] + [mean, variance, counter].map { graph.buffer($0) },
      path: "bn")
    let executor = try Executor(
      Plan(graph, keeping: []), store: store, pool: ThreadPool(threads: 2))

    let input = executor.input("x")
    for (step, expected) in Self.expected.enumerated() {
      for image in 0..<2 {
        for pixel in 0..<4 {
          for channel in 0..<3 {
            let filed = (image * 3 + channel) * 4 + pixel
            input[(image * 4 + pixel) * 3 + channel] =
              Float((7 * filed + 3 * step) % 11) * 0.25 + Float(step)
          }
        }
      }
      executor.run(StepContext())
      for channel in 0..<3 {
        #expect(abs(store.values(of: mean)[channel] - expected.mean[channel]) < 1e-7)
        #expect(abs(store.values(of: variance)[channel] - expected.variance[channel]) < 1e-7)
      }
      #expect(store.counter(counter) == Int64(step + 1))
    }
  }

  @Test(arguments: [
    (
      1, TensorType([3]), TensorType([], .int64),
      "bn: update_running_statistics: the unbiased variance of 1 values does not exist"
    ),
    (
      8, TensorType([4]), TensorType([], .int64),
      "bn: update_running_statistics: running variance is float32[3] like the mean, found float32[4]"
    ),
    (
      8, TensorType([3]), TensorType([]),
      "bn: update_running_statistics: the counter is int64[], found float32[]"
    ),
  ]) func tellsWhatIsWrong(
    _ count: Int, _ variance: TensorType, _ counter: TensorType, _ expected: String
  ) {
    let types = [TensorType([3]), TensorType([3]), TensorType([3]), variance, counter]
    let message = OpCheck.message(types) { graph, inputs in
      try graph.emit(UpdateRunningStatistics(count: count), inputs, path: "bn")
    }
    #expect(message == expected)
  }
}
