import SegCore
import SegEngine
import SegTestSupport
import Testing

/// What convolutions do while they read and write, by every algorithm.
@Suite struct ConvolutionFusionTests {
  struct Form: Sendable {
    var sizes: ConvolutionSizes
    var algorithms: [ConvolutionAlgorithm]
  }

  /// Each way through the kernels once.
  static let forms: [Form] = [
    // Private: several tasks and classes, a slice of outputs that is not full.
    Form(sizes: .square(13, 11, c: 32, k: 80), algorithms: [.winograd, .winogradExact]),
    Form(
      sizes: .square(7, 9, c: 32, k: 16, dilation: 3, bias: true),
      algorithms: [.winograd, .winogradExact]),
    // Shared: several slices, several blocks of channels.
    Form(
      sizes: .square(5, 6, c: 176, k: 144, n: 1, dilation: 2),
      algorithms: [.winograd, .winogradExact]),
    Form(
      sizes: .square(6, 5, c: 528, k: 144, n: 1, bias: true),
      algorithms: [.winograd, .winogradExact]),
    // Phases: several blocks of tiles in a row, a slice of outputs that is not full.
    Form(
      sizes: ConvolutionSizes(
        n: 1, h: 19, w: 203, c: 3, k: 80, r: 7, s: 7, stride: 2, padding: 3),
      algorithms: [.phases]),
    Form(
      sizes: ConvolutionSizes(
        h: 9, w: 14, c: 9, k: 16, r: 7, s: 7, stride: 2, padding: 3, bias: true),
      algorithms: [.phases]),
    // Gathered: the pixels themselves, strides, borders, odd channels, several slices and blocks.
    Form(
      sizes: ConvolutionSizes(h: 13, w: 17, c: 48, k: 33, r: 1, s: 1, padding: 0, bias: true),
      algorithms: [.gathered]),
    Form(
      sizes: ConvolutionSizes(h: 11, w: 12, c: 19, k: 32, stride: 2), algorithms: [.gathered]),
    Form(
      sizes: ConvolutionSizes(h: 9, w: 8, c: 16, k: 24, r: 1, s: 1, stride: 2, padding: 0),
      algorithms: [.gathered]),
    Form(
      sizes: ConvolutionSizes(n: 1, h: 5, w: 7, c: 150, k: 530, bias: true),
      algorithms: [.gathered]),
    Form(sizes: .square(9, 7, c: 33, k: 48, dilation: 2), algorithms: [.gathered]),
  ]

  static let cases = forms.flatMap { form in
    form.algorithms.flatMap { algorithm in
      [
        FusedConvolution(form.sizes, algorithm, activation: .fixed),
        FusedConvolution(form.sizes, algorithm, activation: .batch, statistics: true),
        FusedConvolution(form.sizes, algorithm, statistics: true),
        FusedConvolution(form.sizes, algorithm, residual: true, rectifies: true),
        FusedConvolution(form.sizes, algorithm, rectifies: true),
        FusedConvolution(
          form.sizes, algorithm, activation: .fixed, statistics: true, residual: true),
        FusedConvolution(
          form.sizes, algorithm, activation: .fixed, residual: true, rectifies: true),
      ].map(\.testCase)
    }
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  static let algorithmForms = forms.flatMap { form in
    form.algorithms.map { Form(sizes: form.sizes, algorithms: [$0]) }
  }

  /// Mean 1000 and standard deviation 1: the variance is a small difference of large numbers.
  @Test(arguments: algorithmForms.indices) func statisticsFarFromZero(_ index: Int) throws {
    var form = Self.algorithmForms[index]
    form.sizes.bias = true
    let sizes = form.sizes
    let fused = FusedConvolution(sizes, form.algorithms[0], statistics: true)
    let spread = Double(sizes.terms).squareRoot() / 3
    let inputs = [
      (sizes.input, OpRun.floats(sizes.input.count)),
      (sizes.weight, OpRun.floats(sizes.weight.count, in: -1 / spread...1 / spread, seed: 2)),
      (Shape([sizes.k]), (0..<sizes.k).map { 1000 + Float($0 % 10) }),
    ]
    for variant in VectorVariant.supported {
      let outputs = try OpRun(inputs, threads: 3, variant: variant) {
        try fused.build($0, $1)
      }.outputs
      // Statistics of the very floats that were written.
      let expected = BatchNormReference.statistics(
        Reference(sizes.output, outputs[0].map(Double.init)), epsilon: FusedConvolution.epsilon)
      for (position, expected) in expected.enumerated() {
        for (found, expected) in zip(outputs[position + 1], expected.values) {
          let error = abs(Double(found) - expected)
          #expect(error <= 1e-6 * expected, "\(variant), output \(position + 1): \(found)")
        }
      }
    }
  }

  /// What is not a number stays none: through the activation of the input and the rectifier of the output.
  @Test(arguments: algorithmForms.indices) func keepsNaN(_ index: Int) throws {
    let (sizes, algorithm) = (
      Self.algorithmForms[index].sizes, Self.algorithmForms[index].algorithms[0]
    )
    let fused = FusedConvolution(sizes, algorithm, activation: .fixed, rectifies: true)
    var x = OpRun.floats(sizes.input.count)
    // All channels of the first pixel.
    for channel in 0..<sizes.c { x[channel] = .nan }
    let inputs =
      [(sizes.input, x), (sizes.weight, OpRun.floats(sizes.weight.count, seed: 2))]
      + (sizes.bias ? [(Shape([sizes.k]), OpRun.floats(sizes.k))] : [])
      + [4, 5].map { (Shape([sizes.c]), OpRun.floats(sizes.c, in: 0.5...1, seed: $0)) }
    for variant in VectorVariant.supported {
      let y = try OpRun(inputs, variant: variant) { try fused.build($0, $1) }.outputs[0]
      let stays = y[..<sizes.k].allSatisfy { $0.isNaN }
      // A tile of Winograd shares its inputs; the last pixel is far away.
      let others = y[(y.count - sizes.k)...].allSatisfy { $0 >= 0 }
      #expect(stays && others, "\(variant)")
    }
  }

  /// Where the input is not a number nothing flows back, as through the rectifier alone.
  @Test(arguments: algorithmForms.indices) func maskOfNaN(_ index: Int) throws {
    let (sizes, algorithm) = (
      Self.algorithmForms[index].sizes, Self.algorithmForms[index].algorithms[0]
    )
    let fused = FusedConvolution(sizes, algorithm, activation: .fixed)
    var x = OpRun.floats(sizes.input.count)
    for channel in 0..<sizes.c { x[channel] = .nan }
    let inputs =
      [(sizes.input, x), (sizes.weight, OpRun.floats(sizes.weight.count, seed: 2))]
      + (sizes.bias ? [(Shape([sizes.k]), OpRun.floats(sizes.k))] : [])
      + [4, 5].map { (Shape([sizes.c]), OpRun.floats(sizes.c, in: 0.5...1, seed: $0)) }
    let seed = OpRun.floats(sizes.output.count, seed: 7)
    let run = try OpRun(inputs, seed: seed) { try fused.build($0, $1) }
    let plain = try OpRun(inputs, seed: seed) { graph, inputs in
      let first = sizes.bias ? 3 : 2
      let (mean, inverse) = fused.fixedStatistics
      let z = try graph.emit(
        BatchNormApply(usesBatchStatistics: false, rectifies: true),
        [inputs[0], graph.constant(mean, [sizes.c]), graph.constant(inverse, [sizes.c])]
          + inputs[first...], path: "bn")
      return try graph.emit(
        sizes.convolution(.only(algorithm)), z + inputs[1..<first], path: "conv")
    }
    for channel in 0..<sizes.c {
      let (found, expected) = (run.gradients[0][channel], plain.gradients[0][channel])
      #expect(found.bitPattern == expected.bitPattern || (found.isNaN && expected.isNaN))
    }
  }
}
