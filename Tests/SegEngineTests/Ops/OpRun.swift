import SegCore
import SegEngine
import SegTestSupport

/// One run of an operation on given floats, for what `OpCheck` does not cover: special values, steps, bits.
struct OpRun {
  var outputs: [[Float]] = []
  /// Gradients of all inputs, or of those that learn, when the gradient of output 0 is `seed`.
  var gradients: [[Float]] = []

  init(
    _ inputs: [(shape: Shape, values: [Float])], seed: [Float]? = nil, step: StepContext = .init(),
    threads: Int = 1, variant: VectorVariant = .current, learning: Set<Int>? = nil,
    _ build: (Graph, [Tensor]) throws -> [Tensor]
  ) throws {
    let graph = Graph()
    let tensors = inputs.enumerated().map {
      graph.input("input\($0.offset)", TensorType($0.element.shape))
    }
    let made = try build(graph, tensors)
    var flowing: [Tensor] = []
    if seed != nil {
      let upstream = graph.input("seed", made[0].type)
      flowing = try graph.differentiate(
        [(made[0], upstream)],
        alsoFor: learning.map { wanted in
          tensors.indices.filter(wanted.contains).map { tensors[$0] }
        } ?? tensors
      ).compactMap { $0 }
    }
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: made + flowing), store: store,
      pool: ThreadPool(threads: threads, variant: variant))
    executor.poison(byte: 0xFF)
    for (index, input) in inputs.enumerated() where executor.hasInput("input\(index)") {
      _ = executor.input("input\(index)").update(fromContentsOf: input.values)
    }
    if let seed { _ = executor.input("seed").update(fromContentsOf: seed) }
    executor.run(step)
    outputs = made.map { tensor in
      tensor.type.dtype == .uint8
        ? executor.contents(of: tensor, as: UInt8.self).map { Float($0) }
        : Array(executor.contents(of: tensor))
    }
    gradients = flowing.map { Array(executor.contents(of: $0)) }
  }

  /// Outputs and gradients, bit by bit.
  var bits: [[UInt32]] { (outputs + gradients).map { $0.map(\.bitPattern) } }

  /// `count` floats from a fixed stream.
  static func floats(_ count: Int, in range: ClosedRange<Double> = -1...1, seed: UInt64 = 9)
    -> [Float]
  {
    var rng = CounterRNG(seed: seed, stream: UInt64(count))
    return (0..<count).map { _ in Float(rng.uniform(range.lowerBound, range.upperBound)) }
  }
}
