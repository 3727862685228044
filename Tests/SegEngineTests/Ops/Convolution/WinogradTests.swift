import SegCore
import SegEngine
import SegTestSupport
import Testing

/// Both Winograd forms against the naive convolution, values and every element of all gradients.
@Suite struct WinogradTests {
  static let forms: [ConvolutionAlgorithm] = [.winograd, .winogradExact]

  /// Lengths of rows and columns that are and are not multiples of four.
  static let ordinary: [ConvolutionSizes] = [
    .square(1, 1), .square(1, 2), .square(2, 3), .square(3, 1), .square(4, 5), .square(5, 4),
    .square(6, 7, bias: true), .square(7, 6), .square(8, 9), .square(9, 8), .square(1, 9),
    .square(9, 2),
  ]

  /// Sub-grids of each length from 1 to 7, and of two neighbouring lengths, along rows times along columns.
  static let dilated: [ConvolutionSizes] = [
    // Dilation, rows and columns.
    (2, 1, 2), (2, 2, 1), (2, 3, 4), (2, 4, 3), (2, 5, 7), (2, 6, 8), (2, 7, 5), (2, 9, 10),
    (2, 11, 12), (2, 13, 14), (2, 14, 3), (2, 2, 13),
    (3, 2, 3), (3, 4, 7), (3, 8, 5), (3, 10, 11), (3, 13, 16), (3, 17, 14), (3, 19, 21),
    (6, 3, 5), (6, 7, 12), (6, 13, 18), (6, 20, 9), (6, 24, 25), (6, 31, 37), (6, 42, 30),
    // Larger than the map along one axis, and along both.
    (12, 5, 17), (18, 7, 4),
  ].map { .square($0.1, $0.2, k: 16, n: $0.1 * $0.2 > 300 ? 1 : 2, dilation: $0.0) }

  /// Around 160, where threads stop keeping everything to themselves; beyond 512, where channels come in blocks; slices
  /// of outputs that are not full; one class of tiles and several.
  static let channels: [ConvolutionSizes] = [
    // Inputs, outputs, rows, columns, dilation.
    (48, 16, 6, 5, 1), (16, 48, 5, 6, 2), (160, 48, 5, 5, 1), (160, 160, 5, 3, 2),
    (176, 16, 5, 6, 1), (16, 176, 5, 6, 2), (176, 160, 3, 5, 2), (256, 272, 4, 5, 1),
    (528, 16, 5, 6, 2), (16, 528, 5, 6, 2), (528, 144, 4, 3, 1), (144, 528, 3, 4, 1),
  ].map { .square($0.2, $0.3, c: $0.0, k: $0.1, n: 1, dilation: $0.4) }

  /// Several ranges of tiles, several parts of the weight's gradient.
  static let large: [ConvolutionSizes] = [
    .square(53, 61, k: 16, n: 1), .square(37, 45, c: 176, k: 16, n: 1), .square(45, 47, c: 48),
    .square(41, 39, k: 16, dilation: 3),
  ]

  static let cases = forms.flatMap { form in
    (ordinary + dilated + channels + large).map { $0.testCase(form) }
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  /// Every size up to 13 x 13, so that every kind of segment meets every other, at every position.
  @Test(arguments: [1, 2, 3, 5]) func agreesForEverySize(_ dilation: Int) throws {
    for h in 1...13 {
      for w in 1...13 {
        let sizes = ConvolutionSizes.square(h, w, k: 16, n: 1, dilation: dilation)
        let inputs =
          [(sizes.input, OpRun.floats(sizes.input.count))]
          + [(sizes.weight, OpRun.floats(sizes.weight.count, seed: 2))]
        let seed = OpRun.floats(sizes.output.count, seed: 3)
        func run(_ algorithm: ConvolutionAlgorithm) throws -> [[Float]] {
          let op = sizes.convolution(.only(algorithm))
          let run = try OpRun(inputs, seed: seed) { try $0.emit(op, $1, path: "conv") }
          return run.outputs + run.gradients
        }
        let expected = try run(.gathered)
        for form in Self.forms {
          for (found, expected) in zip(try run(form), expected) {
            let scale = expected.map { abs($0) }.max() ?? 0
            let error = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
            #expect(
              error <= Float(winogradTolerance) * scale, "\(form.name) \(sizes.description)")
          }
        }
      }
    }
  }

  /// Fewer channels than a vector, another kernel, another border: products of gathered pixels step in.
  @Test func leavesOtherFormsToGathered() throws {
    let others = [
      ConvolutionSizes(c: 16, k: 17), ConvolutionSizes(c: 8, k: 16),
      ConvolutionSizes(c: 16, k: 16, stride: 2), ConvolutionSizes(c: 16, k: 16, padding: 2),
      ConvolutionSizes(c: 16, k: 16, r: 1, s: 1, padding: 0),
    ]
    for sizes in others {
      for form in Self.forms {
        let op = sizes.convolution(.only(form))
        #expect(op.algorithm(input: sizes.input, weight: sizes.weight) == .gathered)
        try OpCheck(sizes.testCase(form)).run()
      }
    }
    let square = ConvolutionSizes.square(5, 5)
    for algorithm in ConvolutionAlgorithm.allCases where algorithm != .phases {
      let op = square.convolution(.only(algorithm))
      #expect(op.algorithm(input: square.input, weight: square.weight) == algorithm)
    }
  }
}
