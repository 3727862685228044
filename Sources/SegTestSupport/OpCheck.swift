public import SegCore
public import SegEngine
import Testing

/// Runs every check an operation owes, from one description:
/// values against a naive Double reference, gradients against central differences of that reference,
/// accumulation, planned against separate memory bit for bit, 1/2/3/5 threads bit for bit, vector variants
/// against each other, and untouched memory between values.
public struct OpCheck {
  let testCase: OpCase

  public init(_ testCase: OpCase) { self.testCase = testCase }

  public func run() throws {
    let standard = try evaluate(.shared, threads: 1, variant: .current)
    checkValues(standard)
    checkGradients(standard)
    #expect(
      try evaluate(.separate, threads: 1, variant: .current) == standard,
      "planned differs from separate memory")
    for threads in [2, 3, 5] {
      #expect(
        try evaluate(.shared, threads: threads, variant: .current) == standard,
        "\(threads) threads give other bits")
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
  private func seed(_ use: Int, _ output: Int, _ position: Int) -> Double {
    var rng = CounterRNG(seed: 77, stream: UInt64(use * 16 + output), step: UInt64(position))
    return Double(Float(rng.uniform(-1, 1)))
  }

  // MARK: Comparing

  private var references: [Reference] {
    testCase.inputs.map { Reference($0.type.shape, $0.values) }
  }

  private func tolerance(terms: Int, scale: Double) -> Double {
    0x1p-23 * (4 + Double(terms).squareRoot()) * max(scale, 1e-6)
  }

  private func checkValues(_ result: Result) {
    for (index, (found, expected)) in zip(result.outputs, testCase.reference(references))
      .enumerated()
    {
      guard found.count == expected.values.count else {
        Issue.record(
          "output \(index) has \(found.count) elements, expected \(expected.values.count)")
        continue
      }
      compare(found, expected.values, terms: testCase.summedTerms, "output \(index)")
    }
  }

  private func compare(_ found: [Float], _ expected: [Double], terms: Int, _ what: String) {
    let scale = expected.map { abs($0) }.max() ?? 0
    let limit = tolerance(terms: terms, scale: scale)
    for (position, pair) in zip(found, expected).enumerated()
    where !(abs(Double(pair.0) - pair.1) <= limit) {
      Issue.record("\(what)[\(position)]: \(pair.0), expected \(pair.1) (tolerance \(limit))")
      return
    }
  }

  private func checkGradients(_ result: Result) {
    for (index, input) in testCase.inputs.enumerated() where input.isDifferentiable {
      for (uses, found) in [(1, result.gradients[index]), (2, result.doubledGradients[index])] {
        guard let found else {
          Issue.record("no gradient flows to input \(index)")
          continue
        }
        checkGradient(found, input: index, uses: uses)
      }
    }
  }

  private func checkGradient(_ found: [Float], input index: Int, uses: Int) {
    // Differences are taken in Double from the reference; the kernel's rounding does not enter them.
    var rng = CounterRNG(seed: 5, stream: UInt64(index))
    let count = found.count
    let positions =
      count <= 48 ? Array(0..<count) : (0..<48).map { _ in rng.integer(in: 0..<count) }
    let scale = found.map { abs(Double($0)) }.max() ?? 0
    let limit = tolerance(terms: testCase.gradientTerms * uses, scale: scale) + 1e-9 * max(1, scale)
    for position in positions {
      let expected = difference(input: index, position: position, uses: uses)
      if !(abs(Double(found[position]) - expected) <= limit) {
        Issue.record(
          "gradient of input \(index)[\(position)], used \(uses)x: \(found[position]), expected \(expected) (tolerance \(limit))"
        )
        return
      }
    }
  }

  /// Fourth-order central difference of the seeded sum of outputs.
  private func difference(input index: Int, position: Int, uses: Int) -> Double {
    let step = 1e-3
    func value(_ shift: Double) -> Double {
      var inputs = references
      inputs[index].values[position] += shift
      let outputs = testCase.reference(inputs)
      var sum = 0.0
      for use in 0..<uses {
        for output in testCase.differentiableOutputs {
          for (element, value) in outputs[output].values.enumerated() {
            sum += seed(use, output, element) * value
          }
        }
      }
      return sum
    }
    return (8 * (value(step) - value(-step)) - (value(2 * step) - value(-2 * step))) / (12 * step)
  }

  private func checkAgreement(_ found: Result, _ expected: Result, _ variant: VectorVariant) {
    for (index, pair) in zip(found.outputs, expected.outputs).enumerated() {
      compare(
        pair.0, pair.1.map(Double.init), terms: testCase.summedTerms, "\(variant), output \(index)")
    }
    for (index, pair) in zip(found.gradients, expected.gradients).enumerated() {
      guard let gradient = pair.0, let reference = pair.1 else { continue }
      compare(
        gradient, reference.map(Double.init), terms: testCase.gradientTerms,
        "\(variant), gradient of input \(index)")
    }
  }
}
