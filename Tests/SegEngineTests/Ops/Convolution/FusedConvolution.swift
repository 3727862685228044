import SegCore
import SegEngine
import SegTestSupport

/// A convolution with what is fused into it, and the same naively in Double.
struct FusedConvolution: Sendable {
  /// How the input is normalised before it is rectified.
  enum Activation: Sendable, CaseIterable { case none, fixed, batch }

  var sizes: ConvolutionSizes
  var algorithm: ConvolutionAlgorithm
  var activation: Activation
  /// Mean, variance and inverse standard deviation of the output are further outputs.
  var statistics: Bool
  var residual: Bool
  var rectifies: Bool

  static let epsilon = 1e-5

  init(
    _ sizes: ConvolutionSizes, _ algorithm: ConvolutionAlgorithm, activation: Activation = .none,
    statistics: Bool = false, residual: Bool = false, rectifies: Bool = false
  ) {
    self.sizes = sizes
    self.algorithm = algorithm
    self.activation = activation
    self.statistics = statistics
    self.residual = residual
    self.rectifies = rectifies
  }

  var op: Conv2D {
    var op = sizes.convolution(.only(algorithm))
    op.fusion.activatesInput = activation != .none
    op.fusion.usesBatchStatistics = activation == .batch
    op.fusion.statisticsEpsilon = statistics ? Self.epsilon : nil
    op.fusion.addsResidual = residual
    op.fusion.rectifies = rectifies
    return op
  }

  /// Statistics of the input where they are fixed.
  private var fixedMean: [Double] { (0..<sizes.c).map { Double(Float($0 % 7) * 0.1 - 0.3) } }
  private var fixedInverse: [Double] { (0..<sizes.c).map { Double(0.5 + Float($0 % 5) * 0.4) } }

  var fixedStatistics: (mean: [Float], inverse: [Float]) {
    (fixedMean.map { Float($0) }, fixedInverse.map { Float($0) })
  }

  /// Inputs: x, weight, then bias, then gamma and beta, then the residual, as far as there are.
  private var inputs: [OpInput] {
    let learns = !residual && !rectifies
    var inputs: [OpInput] = [
      .random(sizes.input, differentiable: learns),
      .random(sizes.weight, seed: 2, differentiable: learns),
    ]
    if sizes.bias { inputs.append(.random([sizes.k], seed: 3, differentiable: learns)) }
    if activation != .none {
      inputs.append(.random([sizes.c], in: 0.5...1.5, seed: 4, differentiable: learns))
      // Above 0: a border that were activated would not stay 0.
      inputs.append(.random([sizes.c], in: 0.1...0.6, seed: 5, differentiable: learns))
    }
    if residual { inputs.append(.random(sizes.output, seed: 6, differentiable: false)) }
    return inputs
  }

  private var gammaIndex: Int { sizes.bias ? 3 : 2 }

  /// Traces the fused operation.
  func build(_ graph: Graph, _ inputs: [Tensor]) throws -> [Tensor] {
    var operands = Array(inputs[..<gammaIndex])
    switch activation {
    case .none: break
    case .fixed:
      operands.append(graph.constant(fixedStatistics.mean, [sizes.c]))
      operands.append(graph.constant(fixedStatistics.inverse, [sizes.c]))
    case .batch:
      let made = try graph.emit(
        BatchNormStatistics(epsilon: Self.epsilon), [inputs[0]], path: "statistics")
      operands += [made[0], made[2]]
    }
    return try graph.emit(op, operands + inputs[gammaIndex...], path: "conv")
  }

  var testCase: OpCase {
    let learns = !residual && !rectifies
    var testCase = OpCase(
      testDescription, inputs: inputs, summedTerms: sizes.terms,
      gradientTerms: sizes.gradientTerms, differentiableOutputs: learns ? [0] : [],
      build: { try self.build($0, $1) }, reference: { self.reference($0) })
    testCase.leastTolerance = algorithm.tolerance
    testCase.referenceGradient = { self.gradient($0, $1[0]) }
    return testCase
  }

  var testDescription: String {
    let parts: [(Bool, String)] = [
      (activation == .fixed, "activated"), (activation == .batch, "activated by batch statistics"),
      (statistics, "statistics"), (residual, "residual"), (rectifies, "rectified"),
    ]
    return ([algorithm.name + ": " + sizes.description] + parts.filter(\.0).map(\.1))
      .joined(separator: ", ")
  }

  // MARK: In Double

  private func inputStatistics(_ x: Reference) -> (mean: Reference, inverse: Reference) {
    if activation == .batch {
      let made = BatchNormReference.statistics(x, epsilon: Self.epsilon)
      return (made[0], made[2])
    }
    return (Reference([sizes.c], fixedMean), Reference([sizes.c], fixedInverse))
  }

  /// The input before it is rectified.
  private func normalised(_ inputs: [Reference]) -> Reference {
    guard activation != .none else { return inputs[0] }
    let (mean, inverse) = inputStatistics(inputs[0])
    return BatchNormReference.apply(
      inputs[0], mean, inverse, inputs[gammaIndex], inputs[gammaIndex + 1])
  }

  private func activated(_ inputs: [Reference]) -> Reference {
    var z = normalised(inputs)
    if activation != .none { z.values = z.values.map { max($0, 0) } }
    return z
  }

  private func reference(_ inputs: [Reference]) -> [Reference] {
    var y = sizes.forward(activated(inputs), inputs[1], bias: sizes.bias ? inputs[2] : nil)
    if residual, let last = inputs.last { y.values = zip(y.values, last.values).map { $0 + $1 } }
    if rectifies { y.values = y.values.map { max($0, 0) } }
    return [y] + (statistics ? BatchNormReference.statistics(y, epsilon: Self.epsilon) : [])
  }

  private func gradient(_ inputs: [Reference], _ dy: Reference) -> [Reference?] {
    let dz = sizes.inputGradient(dy, inputs[1])
    let rest =
      [sizes.weightGradient(activated(inputs), dy)]
      + (sizes.bias ? [sizes.biasGradient(dy)] : [])
    guard activation != .none else { return [dz] + rest }
    let (x, z) = (inputs[0], normalised(inputs))
    let (mean, inverse) = inputStatistics(x)
    let channels = sizes.c
    var (g, centred, dgamma, dbeta) = (
      dz, x, Reference(zeros: [channels]), Reference(zeros: [channels])
    )
    for index in g.values.indices {
      let channel = index % channels
      if z.values[index] <= 0 { g.values[index] = 0 }
      centred.values[index] =
        (x.values[index] - mean.values[channel]) * inverse.values[channel]
      dgamma.values[channel] += g.values[index] * centred.values[index]
      dbeta.values[channel] += g.values[index]
    }
    let pixels = Double(x.values.count / channels)
    var dx = g
    for index in dx.values.indices {
      let channel = index % channels
      if activation == .batch {
        dx.values[index] -=
          (dbeta.values[channel] + centred.values[index] * dgamma.values[channel]) / pixels
      }
      dx.values[index] *= inverse.values[channel] * inputs[gammaIndex].values[channel]
    }
    return [dx] + rest + [dgamma, dbeta]
  }
}
