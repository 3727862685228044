import SegCore
import SegEngine
import SegTestSupport
import Testing

/// The naive gradients other tests believe in, against differences of the naive values.
@Suite struct ConvolutionReferenceTests {
  static let sizes = [
    ConvolutionSizes(n: 2, h: 5, w: 6, c: 2, k: 3, bias: true),
    ConvolutionSizes(n: 1, h: 7, w: 5, c: 2, k: 2, stride: 2),
    ConvolutionSizes(n: 1, h: 6, w: 7, c: 1, k: 2, stride: 3, padding: 0),
    ConvolutionSizes(n: 1, h: 5, w: 8, c: 2, k: 1, padding: 3, dilation: 3),
    ConvolutionSizes(n: 1, h: 9, w: 8, c: 1, k: 2, r: 7, s: 5, stride: 2, padding: 3),
    ConvolutionSizes(n: 2, h: 3, w: 4, c: 3, k: 2, r: 1, s: 1, padding: 0),
  ]

  @Test(arguments: sizes.map { $0.testCase(.gathered) })
  func convolution(_ testCase: OpCase) { OpCheck(testCase).checkReference() }

  @Test(arguments: FusedConvolution.Activation.allCases)
  func activated(_ activation: FusedConvolution.Activation) {
    let sizes = ConvolutionSizes(n: 2, h: 4, w: 5, c: 3, k: 2, bias: true)
    let fused = FusedConvolution(sizes, .gathered, activation: activation)
    OpCheck(fused.testCase).checkReference()
  }
}
