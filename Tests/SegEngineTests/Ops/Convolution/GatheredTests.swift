import SegCore
import SegEngine
import SegTestSupport
import Testing

/// Products of gathered pixels, by our own kernels and by OpenBLAS.
@Suite struct GatheredTests {
  static let sizes: [ConvolutionSizes] = [
    // 1x1: the pixels themselves are the matrix.
    ConvolutionSizes(h: 11, w: 13, c: 64, k: 48, r: 1, s: 1, padding: 0, bias: true),
    ConvolutionSizes(n: 1, h: 5, w: 3, c: 1056, k: 21, r: 1, s: 1, padding: 0),
    ConvolutionSizes(n: 1, h: 5, w: 3, c: 37, k: 530, r: 1, s: 1, padding: 0),
    ConvolutionSizes(n: 4, h: 1, w: 1, c: 48, k: 16, r: 1, s: 1, padding: 0),
    // Strides.
    ConvolutionSizes(h: 12, w: 13, c: 16, k: 24, r: 1, s: 1, stride: 2, padding: 0),
    ConvolutionSizes(h: 10, w: 11, c: 17, k: 19, r: 1, s: 1, stride: 3, padding: 0),
    ConvolutionSizes(h: 12, w: 15, c: 32, k: 48, stride: 2, bias: true),
    ConvolutionSizes(h: 13, w: 14, c: 15, k: 9, stride: 2),
    ConvolutionSizes(h: 14, w: 16, c: 16, k: 16, stride: 3),
    ConvolutionSizes(h: 2, w: 5, c: 16, k: 16, stride: 3),
    ConvolutionSizes(h: 1, w: 1, c: 16, k: 16, stride: 2),
    ConvolutionSizes(h: 11, w: 12, c: 9, k: 16, stride: 2, padding: 2, dilation: 2),
    // The stem.
    ConvolutionSizes(n: 1, h: 33, w: 46, c: 3, k: 64, r: 7, s: 7, stride: 2, padding: 3),
    // Odd numbers of channels; several slices of outputs; more than 1024 gathered columns, once several taps a block and
    // once a part of a tap.
    ConvolutionSizes(h: 5, w: 6, c: 33, k: 47, bias: true),
    ConvolutionSizes(n: 1, h: 4, w: 5, c: 7, k: 515),
    ConvolutionSizes(n: 1, h: 4, w: 3, c: 150, k: 17),
    ConvolutionSizes(n: 1, h: 3, w: 3, c: 1040, k: 5),
    ConvolutionSizes(n: 1, h: 3, w: 3, c: 5, k: 1040),
    // Sizes Winograd takes otherwise; a border that is all there is.
    .square(9, 7, dilation: 2), .square(5, 4, c: 160, k: 176, n: 1), .square(3, 5, dilation: 6),
    // Many tiles.
    ConvolutionSizes(n: 2, h: 41, w: 37, c: 5, k: 20),
  ]

  static let cases = [ConvolutionAlgorithm.gathered, .direct].flatMap { algorithm in
    sizes.map { $0.testCase(algorithm) }
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }
}
