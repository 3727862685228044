import SegCore
import SegEngine
import SegTestSupport
import Testing

/// Winograd on the phases of wide strided kernels against the naive convolution, values and all gradients.
@Suite struct PhasesTests {
  private static func stem(
    _ h: Int, _ w: Int, c: Int = 3, k: Int = 16, n: Int = 2, kernel: Int = 7, padding: Int = 3,
    bias: Bool = false
  ) -> ConvolutionSizes {
    ConvolutionSizes(
      n: n, h: h, w: w, c: c, k: k, r: kernel, s: kernel, stride: 2, padding: padding, bias: bias)
  }

  static let cases = [
    // Less than a tile, whole tiles, and one more row or column; the last pixel in either phase.
    stem(1, 1), stem(2, 3), stem(7, 8), stem(8, 7), stem(9, 16), stem(15, 17, bias: true),
    stem(16, 18), stem(33, 10),
    // Other borders, and none; kernels of eight taps.
    stem(13, 14, padding: 0), stem(12, 15, padding: 1), stem(10, 9, padding: 6),
    stem(14, 13, kernel: 8), stem(9, 12, kernel: 8, padding: 4),
    // Rows shorter than what is copied at once; channels that fill whole vectors, or more than one.
    stem(11, 2, c: 1), stem(9, 11, c: 1), stem(7, 3, c: 2), stem(9, 10, c: 4), stem(8, 9, c: 5),
    stem(10, 7, c: 8), stem(6, 9, c: 13), stem(5, 6, c: 40),
    // Panels and slices of outputs that are not full.
    stem(9, 8, k: 48), stem(8, 9, k: 80), stem(7, 7, k: 160),
    // Several blocks of tiles in a row, several parts of the weight's gradient.
    stem(3, 200, n: 1), stem(21, 405, n: 1), stem(65, 67, k: 64),
  ].map { $0.testCase(.phases) }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  /// Another kernel, stride, dilation or number of channels: products of gathered pixels step in.
  @Test func leavesOtherFormsToGathered() throws {
    let others = [
      Self.stem(9, 9, kernel: 5), Self.stem(9, 9, kernel: 9), Self.stem(9, 9, k: 20),
      Self.stem(9, 9, c: 41), Self.stem(9, 9, k: 176),
      ConvolutionSizes(h: 15, w: 15, k: 16, r: 7, s: 7, stride: 3),
      ConvolutionSizes(h: 15, w: 15, k: 16, r: 7, s: 7, stride: 2, dilation: 2),
      ConvolutionSizes(h: 15, w: 15, k: 16, r: 7, s: 8, stride: 2),
    ]
    for sizes in others {
      let op = sizes.convolution(.only(.phases))
      #expect(op.algorithm(input: sizes.input, weight: sizes.weight) == .gathered)
      try OpCheck(sizes.testCase(.phases)).run()
    }
    let fitting = Self.stem(9, 9)
    let op = fitting.convolution(.only(.phases))
    #expect(op.algorithm(input: fitting.input, weight: fitting.weight) == .phases)
  }

  /// What the project promises of fast algorithms, of a stem as it begins and a picture as it is normalised.
  @Test(arguments: [VectorVariant.current, .generic]) func errorStaysSmall(
    _ variant: VectorVariant
  ) throws {
    let sizes = Self.stem(48, 64, k: 64, n: 1)
    let bound = (6 / Double(sizes.terms)).squareRoot()
    let (x, dy) = (
      OpRun.floats(sizes.input.count, in: -2.5...2.5), OpRun.floats(sizes.output.count, seed: 3)
    )
    let weight = OpRun.floats(sizes.weight.count, in: -bound...bound, seed: 2)
    let op = sizes.convolution(.only(.phases))
    let run = try OpRun(
      [(sizes.input, x), (sizes.weight, weight)], seed: dy, threads: 2, variant: variant
    ) { try $0.emit(op, $1, path: "conv") }
    let pixels = Reference(sizes.input, x.map(Double.init))
    let expected = [
      sizes.forward(pixels, Reference(sizes.weight, weight.map(Double.init))),
      sizes.weightGradient(pixels, Reference(sizes.output, dy.map(Double.init))),
    ].map(\.values)
    for (found, expected) in zip([run.outputs[0], run.gradients[1]], expected) {
      let largest = expected.map { abs($0) }.max() ?? 0
      let error = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
      #expect(error < winogradTolerance * largest)
    }
  }
}
