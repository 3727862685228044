public import SegCore
public import SegEngine
import Testing

/// Runs every check an operation owes, from one description:
/// values against a naive Double reference, gradients against central differences of that reference (or its own),
/// accumulation, planned against separate memory bit for bit, 1/2/3/5 threads bit for bit, vector variants
/// against each other, and untouched memory between values.
public struct OpCheck {
  let testCase: OpCase

  public init(_ testCase: OpCase) { self.testCase = testCase }

  public func run() throws {
    let standard = try evaluate(.shared, threads: 1, variant: .current)
    checkValues(standard)
    checkGradients(standard)
    // Compared outside the macro, which would print every element.
    let isSeparateEqual = try evaluate(.separate, threads: 1, variant: .current) == standard
    #expect(isSeparateEqual, "planned differs from separate memory")
    for threads in [2, 3, 5] {
      let isEqual = try evaluate(.shared, threads: threads, variant: .current) == standard
      #expect(isEqual, "\(threads) threads give other bits")
    }
    for variant in VectorVariant.supported {
      let other = try evaluate(.shared, threads: 2, variant: variant)
      checkAgreement(other, standard, variant)
    }
  }

  /// What a wrong use is told.
  public static func message(
    _ types: [TensorType], _ build: (Graph, [Tensor]) throws -> [Tensor]
  ) -> String? {
    let graph = Graph()
    let inputs = types.enumerated().map { graph.input("input\($0.offset)", $0.element) }
    do {
      _ = try build(graph, inputs)
      return nil
    } catch {
      return "\(error)"
    }
  }

  // MARK: Running

  struct Result: Equatable {
    var outputs: [[Float]]
    /// By input; `nil` where no gradient flows or none is wanted.
    var gradients: [[Float]?]
    /// With the operation used twice on the same inputs, so that gradients accumulate.
    var doubledGradients: [[Float]?]
  }

  private func evaluate(
    _ placement: Placement, threads: Int, variant: VectorVariant
  ) throws -> Result {
    let single = try evaluate(placement, threads, variant, uses: 1)
    let double = try evaluate(placement, threads, variant, uses: 2)
    return Result(
      outputs: single.outputs, gradients: single.gradients, doubledGradients: double.gradients)
  }

  private func evaluate(
    _ placement: Placement, _ threads: Int, _ variant: VectorVariant, uses: Int
  ) throws -> (outputs: [[Float]], gradients: [[Float]?]) {
    let graph = Graph()
    let inputs = testCase.inputs.enumerated().map {
      graph.input("input\($0.offset)", $0.element.type)
    }
    var outputs: [Tensor] = []
    var seeds: [(tensor: Tensor, gradient: Tensor)] = []
    for use in 0..<uses {
      let made = try testCase.build(graph, inputs)
      if use == 0 { outputs = made }
      for index in testCase.differentiableOutputs {
        let type = made[index].type
        seeds.append((made[index], graph.input("seed\(use).\(index)", type)))
      }
    }
    let wanted = inputs.indices.filter { testCase.inputs[$0].isDifferentiable }
    let flowing = try graph.differentiate(seeds, alsoFor: wanted.map { inputs[$0] })
    let kept = outputs + flowing.compactMap { $0 }
    let plan = Plan(graph, keeping: kept, placement: placement, guardBytes: 64)
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      plan, store: store, pool: ThreadPool(threads: threads, variant: variant))
    fillInputs(executor, seeds: uses)
    executor.poison(byte: 0xFF)
    executor.run(StepContext())
    if placement == .separate {
      #expect(executor.guardsIntact(byte: 0xFF), "memory outside the outputs was written")
    }
    var gradients = [[Float]?](repeating: nil, count: inputs.count)
    for (index, gradient) in zip(wanted, flowing) {
      gradients[index] = gradient.map { Array(executor.contents(of: $0)) }
    }
    return (outputs.map { floats(executor, $0) }, gradients)
  }

  private func floats(_ executor: Executor, _ tensor: Tensor) -> [Float] {
    switch tensor.type.dtype {
    case .float32: Array(executor.contents(of: tensor))
    case .float64: executor.contents(of: tensor, as: Double.self).map { Float($0) }
    case .uint8: executor.contents(of: tensor, as: UInt8.self).map { Float($0) }
    case .int32: executor.contents(of: tensor, as: Int32.self).map { Float($0) }
    case .int64: executor.contents(of: tensor, as: Int64.self).map { Float($0) }
    }
  }

  private func fillInputs(_ executor: Executor, seeds uses: Int) {
    for (index, input) in testCase.inputs.enumerated() where executor.hasInput("input\(index)") {
      switch input.type.dtype {
      case .uint8:
        let target = executor.input("input\(index)", as: UInt8.self)
        for (position, value) in input.values.enumerated() { target[position] = UInt8(value) }
      default:
        let target = executor.input("input\(index)")
        for (position, value) in input.values.enumerated() { target[position] = Float(value) }
      }
    }
    for use in 0..<uses {
      for output in testCase.differentiableOutputs {
        let target = executor.input("seed\(use).\(output)")
        for position in target.indices { target[position] = Float(seed(use, output, position)) }
      }
    }
  }

  /// Weight of one output element in the scalar whose gradient is checked.
  func seed(_ use: Int, _ output: Int, _ position: Int) -> Double {
    var rng = CounterRNG(seed: 77, stream: UInt64(use * 16 + output), step: UInt64(position))
    return Double(Float(rng.uniform(-1, 1)))
  }
}
