import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct Conv2DTests {
  struct Sizes {
    var n = 2
    var h = 7
    var w = 9
    var c = 3
    var k = 4
    var r = 3
    var s = 3
    var stride = 1
    var padding = 1
    var dilation = 1
    var bias = false
  }

  static func make(_ name: String, _ sizes: Sizes) -> OpCase {
    let op = Conv2D(
      stride: sizes.stride, padding: sizes.padding, dilation: sizes.dilation, hasBias: sizes.bias)
    var inputs: [OpInput] = [
      .random([sizes.n, sizes.h, sizes.w, sizes.c]),
      .random([sizes.r, sizes.s, sizes.c, sizes.k], seed: 2),
    ]
    if sizes.bias { inputs.append(.random([sizes.k], seed: 3)) }
    return OpCase(
      name, inputs: inputs, summedTerms: sizes.r * sizes.s * sizes.c,
      gradientTerms: sizes.n * sizes.h * sizes.w * sizes.k,
      build: { graph, inputs in try graph.emit(op, inputs, path: "conv") },
      reference: { inputs in [naive(inputs, sizes)] })
  }

  static func naive(_ inputs: [Reference], _ sizes: Sizes) -> Reference {
    let (x, weight) = (inputs[0], inputs[1])
    let p = (sizes.h + 2 * sizes.padding - sizes.dilation * (sizes.r - 1) - 1) / sizes.stride + 1
    let q = (sizes.w + 2 * sizes.padding - sizes.dilation * (sizes.s - 1) - 1) / sizes.stride + 1
    var y = Reference(zeros: [sizes.n, p, q, sizes.k])
    var position = 0
    for n in 0..<sizes.n {
      for i in 0..<p {
        for j in 0..<q {
          for k in 0..<sizes.k {
            var sum = sizes.bias ? inputs[2].values[k] : 0
            for r in 0..<sizes.r {
              let h = i * sizes.stride - sizes.padding + r * sizes.dilation
              guard h >= 0, h < sizes.h else { continue }
              for s in 0..<sizes.s {
                let w = j * sizes.stride - sizes.padding + s * sizes.dilation
                guard w >= 0, w < sizes.w else { continue }
                let pixel = ((n * sizes.h + h) * sizes.w + w) * sizes.c
                let tap = (r * sizes.s + s) * sizes.c
                for c in 0..<sizes.c {
                  sum += x.values[pixel + c] * weight.values[(tap + c) * sizes.k + k]
                }
              }
            }
            y.values[position] = sum
            position += 1
          }
        }
      }
    }
    return y
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
  ]

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  /// More than a block of gathered columns: values only, the naive reference is slow.
  @Test func manyChannels() throws {
    try OpCheck(
      Self.make("1030 channels", Sizes(n: 1, h: 2, w: 3, c: 1030, k: 2))
    ).run()
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
  ]

  @Test(arguments: wrongUses.indices) func explains(_ index: Int) {
    let use = Self.wrongUses[index]
    let message = OpCheck.message(use.types) { graph, inputs in
      try graph.emit(use.op, inputs, path: "m")
    }
    #expect(message == use.message)
  }
}
