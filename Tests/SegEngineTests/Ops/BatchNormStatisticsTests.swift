import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct BatchNormStatisticsTests {
  static func testCase(_ name: String, _ input: OpInput, epsilon: Double = 1e-5) -> OpCase {
    OpCase(
      name, inputs: [input], differentiableOutputs: [],
      build: { graph, inputs in
        try graph.emit(BatchNormStatistics(epsilon: epsilon), inputs, path: "bn")
      },
      reference: { inputs in BatchNormReference.statistics(inputs[0], epsilon: epsilon) })
  }

  static let cases: [OpCase] = [
    testCase("two values", .random([2, 1, 1, 1], differentiable: false)),
    testCase("odd sizes", .random([2, 3, 5, 7], differentiable: false)),
    testCase("rows beyond one chunk", .random([3, 37, 41, 33], differentiable: false)),
    testCase("many channels", .random([2, 5, 3, 1030], differentiable: false)),
    // Standard deviation 6e-3 around 1000: squares in fp32 would leave nothing.
    testCase(
      "far from zero", .random([2, 33, 31, 5], in: 999.99...1000.01, differentiable: false)),
    testCase(
      "large epsilon", .random([2, 3, 4, 6], differentiable: false), epsilon: 0.5),
  ]

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func constantInputHasVarianceZero() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([4, 9, 7, 3]))
    let outputs = try graph.emit(BatchNormStatistics(epsilon: 1e-5), [x], path: "bn")
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: outputs), store: store, pool: ThreadPool(threads: 2))
    let input = executor.input("x")
    for index in input.indices { input[index] = 0.1 * Float(index % 3) + 1e6 }
    executor.run(StepContext())
    for channel in 0..<3 {
      #expect(executor.contents(of: outputs[0])[channel] == 0.1 * Float(channel) + 1e6)
      #expect(executor.contents(of: outputs[1])[channel] == 0)
      #expect(executor.contents(of: outputs[2])[channel] == Float(1 / 1e-5.squareRoot()))
    }
  }

  /// Large enough that chunks grow beyond their usual size. Values are `channel % 7 ± 1` by row.
  @Test func largeInput() throws {
    let (rows, channels) = (2100, 4100)
    let graph = Graph()
    let x = graph.input("x", TensorType([1, rows, 1, channels]))
    let outputs = try graph.emit(BatchNormStatistics(epsilon: 0), [x], path: "bn")
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: outputs), store: store, pool: ThreadPool(threads: 2))
    let input = executor.input("x")
    for row in 0..<rows {
      for channel in 0..<channels {
        input[row * channels + channel] = Float(channel % 7) + (row % 2 == 0 ? 1 : -1)
      }
    }
    executor.run(StepContext())
    for channel in 0..<channels {
      #expect(executor.contents(of: outputs[0])[channel] == Float(channel % 7))
      #expect(executor.contents(of: outputs[1])[channel] == 1)
      #expect(executor.contents(of: outputs[2])[channel] == 1)
    }
  }

  @Test(arguments: [
    (
      [TensorType([1, 1, 1, 256])],
      "bn: batch_norm_statistics: one value per channel in training (input [1, 1, 1, 256], as after "
        + "global pooling of a batch of 1); use batch_size ≥ 2"
    ),
    (
      [TensorType([4, 256])],
      "bn: batch_norm_statistics: the input is float32 [N, H, W, C], found float32[4, 256]"
    ),
    (
      [TensorType([1, 2, 2, 3], .uint8)],
      "bn: batch_norm_statistics: the input is float32 [N, H, W, C], found uint8[1, 2, 2, 3]"
    ),
    ([], "bn: batch_norm_statistics: takes one input, found 0"),
  ]) func tellsWhatIsWrong(_ types: [TensorType], _ expected: String) {
    let message = OpCheck.message(types) { graph, inputs in
      try graph.emit(BatchNormStatistics(), inputs, path: "bn")
    }
    #expect(message == expected)
  }
}
