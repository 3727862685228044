import SegCore
import SegEngine
import SegTestSupport

/// Winograd rounds more than a sum of products does: the limit the project promises.
let winogradTolerance = 1e-5

extension ConvolutionAlgorithm {
  var tolerance: Double {
    switch self {
    case .direct, .gathered, .strips: 0
    case .phases, .winograd, .winogradExact: winogradTolerance
    }
  }
}

extension ConvolutionSizes {
  func convolution(_ policy: ConvolutionPolicy) -> Conv2D {
    Conv2D(stride: stride, padding: padding, dilation: dilation, hasBias: bias, policy: policy)
  }

  /// The plain convolution, by one algorithm.
  func testCase(_ algorithm: ConvolutionAlgorithm, analytic: Bool = true) -> OpCase {
    var inputs: [OpInput] = [.random(input), .random(weight, seed: 2)]
    if bias { inputs.append(.random([k], seed: 3)) }
    let op = convolution(.only(algorithm))
    var testCase = OpCase(
      "\(algorithm.name): \(description)", inputs: inputs, summedTerms: terms,
      gradientTerms: gradientTerms,
      build: { graph, inputs in try graph.emit(op, inputs, path: "conv") },
      reference: { inputs in
        [self.forward(inputs[0], inputs[1], bias: self.bias ? inputs[2] : nil)]
      })
    testCase.leastTolerance = algorithm.tolerance
    guard analytic else { return testCase }
    testCase.referenceGradient = { inputs, upstream in
      [self.inputGradient(upstream[0], inputs[1]), self.weightGradient(inputs[0], upstream[0])]
        + (self.bias ? [self.biasGradient(upstream[0])] : [])
    }
    return testCase
  }
}
