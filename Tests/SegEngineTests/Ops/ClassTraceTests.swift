import Foundation
import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct ClassTraceTests {
  static func reference(_ inputs: [Reference], ignoreIndex: Int, gamma: Double) -> Reference {
    let (logits, labels) = (inputs[0], inputs[1])
    let classes = logits.shape[3]
    var sums = Reference(zeros: [classes, 4])
    for (pixel, value) in labels.values.enumerated() {
      let label = Int(value)
      guard label != ignoreIndex, label < classes else { continue }
      let z = Array(logits.values[pixel * classes..<(pixel + 1) * classes])
      let largest = z.max() ?? 0
      let total = z.reduce(0) { $0 + exp($1 - largest) }
      let others = z.indices.reduce(0) { $0 + ($1 == label ? 0 : exp(z[$1] - largest)) }
      sums[label, 0] += 1
      sums[label, 1] += z.firstIndex(of: largest) == label ? 1 : 0
      sums[label, 2] += exp(z[label] - largest) / total
      sums[label, 3] += pow(others / total, gamma)
    }
    return sums
  }

  static func testCase(
    _ name: String, logits: OpInput, ignoring share: Double = 0.2, ignoreIndex: Int = 255,
    labelled: Int? = nil, gamma: Double = 1
  ) -> OpCase {
    let shape = logits.type.shape
    var testCase = OpCase(
      "\(name), gamma \(gamma)",
      inputs: [
        logits,
        .labels(
          [shape[0], shape[1], shape[2]], classes: labelled ?? shape[3], ignoring: share,
          ignoreIndex: ignoreIndex),
      ], differentiableOutputs: [],
      build: { graph, inputs in
        try graph.emit(ClassTrace(ignoreIndex: ignoreIndex, gamma: gamma), inputs, path: "trace")
      },
      reference: { [reference($0, ignoreIndex: ignoreIndex, gamma: gamma)] })
    // Exponential and logarithm of 2 ulp each, the latter times gamma; sums are in double.
    testCase.leastTolerance = 8e-7
    return testCase
  }

  static func random(_ shape: Shape, in range: ClosedRange<Double> = -4...4) -> OpInput {
    .random(shape, in: range, differentiable: false)
  }

  static let cases: [OpCase] = [0, 0.5, 1, 2].flatMap { cases(gamma: $0) }

  private static func cases(gamma: Double) -> [OpCase] {
    // p is 1 or 0 in float: nothing may become NaN.
    let values = (0..<243).map { index -> Double in Double((index * 7 + index / 5) % 3) * 1e4 }
    let extreme = OpInput.fixed([1, 9, 9, 3], values)
    let (small, large) = (random([2, 5, 7, 5]), random([3, 45, 47, 19]))
    return [
      testCase("odd sizes", logits: random([2, 5, 7, 11]), gamma: gamma),
      testCase("several chunks", logits: large, gamma: gamma),
      testCase("most absent", logits: random([1, 7, 11, 34]), labelled: 5, gamma: gamma),
      testCase("a class is ignored", logits: small, ignoreIndex: 0, gamma: gamma),
      testCase("no classes", logits: small, labelled: 9, gamma: gamma),
      testCase("all ignored", logits: small, ignoring: 1, gamma: gamma),
      testCase("extreme", logits: extreme, gamma: gamma),
    ]
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func wantsLabelsOfThePixels() {
    let types = [TensorType([2, 3, 4, 5]), TensorType([2, 3], .uint8)]
    let message = OpCheck.message(types) { graph, inputs in
      try graph.emit(ClassTrace(ignoreIndex: 255, gamma: 1), inputs, path: "trace")
    }
    #expect(
      message
        == "trace: class_trace: labels are uint8[2, 3, 4] for logits [2, 3, 4, 5], found uint8[2, 3]"
    )
    let negative = OpCheck.message([types[0], TensorType([2, 3, 4], .uint8)]) { graph, inputs in
      try graph.emit(ClassTrace(ignoreIndex: 255, gamma: -1), inputs, path: "trace")
    }
    #expect(negative == "trace: class_trace: gamma is at least 0, found -1.0")
  }
}

@Suite struct ClassGradientMassTests {
  static let cases: [OpCase] = [
    testCase([2, 5, 7, 11], ignoreIndex: 255, labelled: 11),
    testCase([3, 45, 47, 19], ignoreIndex: 255, labelled: 19),
    testCase([2, 5, 7, 5], ignoreIndex: 0, labelled: 9),
  ]

  private static func testCase(_ shape: Shape, ignoreIndex: Int, labelled: Int) -> OpCase {
    let labels = OpInput.labels(
      [shape[0], shape[1], shape[2]], classes: labelled, ignoreIndex: ignoreIndex)
    return OpCase(
      "\(shape)", inputs: [.random(shape, differentiable: false), labels],
      differentiableOutputs: [],
      build: { graph, inputs in
        try graph.emit(ClassGradientMass(ignoreIndex: ignoreIndex), inputs, path: "trace")
      },
      reference: { inputs in
        let classes = shape[3]
        var sums = Reference(zeros: [classes + 1])
        for (pixel, value) in inputs[1].values.enumerated() {
          let counts = Int(value) < classes && Int(value) != ignoreIndex
          for index in 0..<classes {
            sums[counts ? Int(value) : classes] += abs(inputs[0].values[pixel * classes + index])
          }
        }
        return [sums]
      })
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }
}
