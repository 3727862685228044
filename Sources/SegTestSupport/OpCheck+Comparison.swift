import SegCore
import SegEngine
import Testing

/// How results are compared.
extension OpCheck {
  var references: [Reference] {
    testCase.inputs.map { Reference($0.type.shape, $0.values) }
  }

  private func tolerance(terms: Int, scale: Double) -> Double {
    max(0x1p-23 * (4 + Double(terms).squareRoot()), testCase.leastTolerance) * max(scale, 1e-6)
  }

  func checkValues(_ result: Result) {
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

  func checkGradients(_ result: Result) {
    if let gradient = testCase.referenceGradient {
      checkGradients(result, gradient)
      return
    }
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

  /// Every element against the reference's own gradient.
  private func checkGradients(
    _ result: Result, _ gradient: @Sendable ([Reference], [Reference]) -> [Reference?]
  ) {
    guard !testCase.differentiableOutputs.isEmpty else { return }
    for (uses, found) in [(1, result.gradients), (2, result.doubledGradients)] {
      let upstream = upstream(uses: uses)
      for (index, expected) in gradient(references, upstream).enumerated()
      where testCase.inputs[index].isDifferentiable {
        guard let found = found[index], let expected else {
          Issue.record("no gradient flows to input \(index)")
          continue
        }
        compare(
          found, expected.values, terms: testCase.gradientTerms * uses,
          "gradient of input \(index), used \(uses)x")
      }
    }
  }

  /// The reference's own gradient against differences of the reference, on some elements.
  public func checkReference() {
    guard let gradient = testCase.referenceGradient else {
      Issue.record("\(testCase.name) has no gradient of its own")
      return
    }
    let upstream = upstream(uses: 1)
    for (index, found) in gradient(references, upstream).enumerated()
    where testCase.inputs[index].isDifferentiable {
      guard let found else {
        Issue.record("no gradient flows to input \(index)")
        continue
      }
      let scale = found.values.reduce(0) { max($0, abs($1)) }
      for position in positions(found.values.count, input: index) {
        let expected = difference(input: index, position: position, uses: 1)
        #expect(
          abs(found.values[position] - expected) <= 1e-8 * max(1, scale),
          "gradient of input \(index)[\(position)]: \(found.values[position]), not \(expected)")
      }
    }
  }

  private func upstream(uses: Int) -> [Reference] {
    let outputs = testCase.reference(references)
    return testCase.differentiableOutputs.map { output in
      let values = outputs[output].values.indices.map { position in
        (0..<uses).reduce(0) { $0 + seed($1, output, position) }
      }
      return Reference(outputs[output].shape, values)
    }
  }

  /// Elements that differences are taken at.
  private func positions(_ count: Int, input index: Int) -> [Int] {
    var rng = CounterRNG(seed: 5, stream: UInt64(index))
    return count <= 48 ? Array(0..<count) : (0..<48).map { _ in rng.integer(in: 0..<count) }
  }

  private func checkGradient(_ found: [Float], input index: Int, uses: Int) {
    // Differences are taken in Double from the reference; the kernel's rounding does not enter them.
    let scale = found.map { abs(Double($0)) }.max() ?? 0
    let limit = tolerance(terms: testCase.gradientTerms * uses, scale: scale) + 1e-9 * max(1, scale)
    for position in positions(found.count, input: index) {
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

  func checkAgreement(_ found: Result, _ expected: Result, _ variant: VectorVariant) {
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
