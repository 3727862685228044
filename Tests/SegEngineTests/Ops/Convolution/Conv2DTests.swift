import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct Conv2DTests {
  typealias Sizes = ConvolutionSizes

  /// Gradients are compared with differences of the naive reference.
  static func make(_ name: String, _ sizes: Sizes) -> [OpCase] {
    [ConvolutionAlgorithm.direct, .gathered].map { algorithm in
      var testCase = sizes.testCase(algorithm, analytic: false)
      testCase.name = "\(algorithm.name): \(name)"
      return testCase
    }
  }

  static let cases: [OpCase] = [
    make("3x3", Sizes()),
    make("3x3 with bias", Sizes(bias: true)),
    make("3x3 stride 2", Sizes(stride: 2)),
    make("3x3 stride 3, no padding", Sizes(h: 10, stride: 3, padding: 0)),
    make("3x3 dilation 2", Sizes(padding: 2, dilation: 2)),
    make(
      "3x3 dilation 4 on a map smaller than the reach", Sizes(h: 3, w: 5, padding: 4, dilation: 4)),
    make("3x3 dilation 2 stride 2", Sizes(stride: 2, padding: 2, dilation: 2)),
    make("1x1", Sizes(c: 5, k: 6, r: 1, s: 1, padding: 0)),
    make(
      "1x1 with bias on one pixel",
      Sizes(n: 3, h: 1, w: 1, c: 8, k: 5, r: 1, s: 1, padding: 0, bias: true)),
    make("1x1 stride 2", Sizes(c: 5, r: 1, s: 1, stride: 2, padding: 0)),
    make(
      "7x7 stride 2, the stem",
      Sizes(n: 1, h: 13, w: 16, c: 3, k: 8, r: 7, s: 7, stride: 2, padding: 3)),
    make("1x5", Sizes(r: 1, s: 5, padding: 2)),
    make(
      "70 channels: one tap a block in the weight gradient", Sizes(n: 1, h: 4, w: 5, c: 70, k: 3)),
    make("several tiles", Sizes(n: 2, h: 24, w: 30, c: 2, k: 3)),
    make("more than a block of gathered columns", Sizes(n: 1, h: 2, w: 3, c: 1030, k: 2)),
  ].flatMap { $0 }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  /// Products by OpenBLAS, asked to rectify.
  private static var fusedDirect: Conv2D {
    var op = Conv2D(padding: 1, policy: .direct)
    op.fusion.rectifies = true
    return op
  }

  static let wrongUses: [(types: [TensorType], op: Conv2D, message: String)] = [
    (
      [TensorType([1, 4, 4, 512]), TensorType([3, 3, 256, 8])], Conv2D(padding: 1),
      "m: conv2d: input [1, 4, 4, 512] has 512 channels, weight [3, 3, 256, 8] (R, S, C, K) expects 256"
    ),
    (
      [TensorType([4, 4, 8]), TensorType([3, 3, 8, 8])], Conv2D(),
      "m: conv2d: input is [N, H, W, C], found [4, 4, 8]"
    ),
    (
      [TensorType([1, 2, 2, 8]), TensorType([3, 3, 8, 8])], Conv2D(),
      "m: conv2d: input 2x2 is smaller than the kernel 3x3 (dilation 1, padding 0)"
    ),
    (
      [TensorType([1, 4, 4, 8]), TensorType([1, 1, 8, 5]), TensorType([4])], Conv2D(hasBias: true),
      "m: conv2d: bias is [5], found [4]"
    ),
    (
      [TensorType([1, 4, 4, 8]), TensorType([3, 3, 8, 8])], fusedDirect,
      "m: conv2d: products by OpenBLAS are not fused with anything but a bias"
    ),
  ]

  @Test(arguments: wrongUses.indices) func explains(_ index: Int) {
    let use = Self.wrongUses[index]
    let message = OpCheck.message(use.types) { graph, inputs in
      try graph.emit(use.op, inputs, path: "m")
    }
    #expect(message == use.message)
  }
}
