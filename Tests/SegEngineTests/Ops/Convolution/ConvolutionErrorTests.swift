import SegCore
import SegEngine
import SegTestSupport
import Testing

/// Largest error over largest value of 512 channels, against sums in Double: what Winograd may cost.
@Suite(.serialized) struct ConvolutionErrorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var algorithm: ConvolutionAlgorithm
    var dilation: Int
    var variant: VectorVariant
    var height = 21
    var width = 26
    var testDescription: String {
      "\(algorithm.name), \(height)x\(width), dilation \(dilation), \(variant)"
    }
  }

  static let cases =
    [1, 2, 6, 12].flatMap { dilation in
      [ConvolutionAlgorithm.winograd, .winogradExact, .gathered].map {
        Case(algorithm: $0, dilation: dilation, variant: .current)
      }
    }
    + [2, 12].map { Case(algorithm: .winogradExact, dilation: $0, variant: .generic) }
    // Maps that fives fit along both axes.
    + [VectorVariant.current, .generic].map {
      Case(algorithm: .winograd, dilation: 1, variant: $0, height: 15, width: 20)
    }
    + [Case(algorithm: .winograd, dilation: 2, variant: .current, height: 30, width: 30)]

  private static let samples = 400

  @Test(arguments: cases) func staysSmall(_ testCase: Case) throws {
    let sizes = ConvolutionSizes.square(
      testCase.height, testCase.width, c: 512, k: 512, n: 1, dilation: testCase.dilation)
    // As behind a rectifier, and as weights begin.
    let x = OpRun.floats(sizes.input.count).map { max($0, 0) }
    let bound = (6 / Double(sizes.terms)).squareRoot()
    let weight = OpRun.floats(sizes.weight.count, in: -bound...bound, seed: 2)
    let dy = OpRun.floats(sizes.output.count, seed: 3)
    let op = sizes.convolution(.only(testCase.algorithm))
    let run = try OpRun(
      [(sizes.input, x), (sizes.weight, weight)], seed: dy, threads: 2, variant: testCase.variant
    ) { try $0.emit(op, $1, path: "conv") }

    let errors = [
      error(run.outputs[0]) { output(sizes, $0, x, weight) },
      error(run.gradients[0]) { inputGradient(sizes, $0, dy, weight) },
      error(run.gradients[1]) { weightGradient(sizes, $0, x, dy) },
    ]
    print("convolution error, \(testCase.testDescription): forward, input, weight: \(errors)")
    for error in errors { #expect(error < winogradTolerance) }
  }

  /// Over some elements; the largest value is that of all.
  private func error(_ found: [Float], _ expected: (Int) -> Double) -> Double {
    let largest = found.reduce(0) { max($0, abs(Double($1))) }
    var rng = CounterRNG(seed: 17, stream: UInt64(found.count))
    var error = 0.0
    for _ in 0..<Self.samples {
      let position = rng.integer(in: 0..<found.count)
      error = max(error, abs(Double(found[position]) - expected(position)))
    }
    return error / largest
  }

  /// Each tap that reaches a pixel from `pixel`, and that pixel: forward, or back.
  private func neighbours(_ sizes: ConvolutionSizes, _ pixel: Int, back: Bool) -> [(Int, Int)] {
    let (i, j, d) = (pixel / sizes.w, pixel % sizes.w, sizes.dilation * (back ? -1 : 1))
    return (0..<9).compactMap { tap in
      let (h, w) = (i + (tap / 3 - 1) * d, j + (tap % 3 - 1) * d)
      guard h >= 0, h < sizes.h, w >= 0, w < sizes.w else { return nil }
      return (tap, h * sizes.w + w)
    }
  }

  private func output(
    _ sizes: ConvolutionSizes, _ position: Int, _ x: [Float], _ weight: [Float]
  ) -> Double {
    let k = position % sizes.k
    return neighbours(sizes, position / sizes.k, back: false).reduce(0) { sum, neighbour in
      let (tap, pixel) = neighbour
      return (0..<sizes.c).reduce(sum) {
        $0 + Double(x[pixel * sizes.c + $1]) * Double(weight[(tap * sizes.c + $1) * sizes.k + k])
      }
    }
  }

  private func inputGradient(
    _ sizes: ConvolutionSizes, _ position: Int, _ dy: [Float], _ weight: [Float]
  ) -> Double {
    let c = position % sizes.c
    return neighbours(sizes, position / sizes.c, back: true).reduce(0) { sum, neighbour in
      let (tap, pixel) = neighbour
      return (0..<sizes.k).reduce(sum) {
        $0 + Double(dy[pixel * sizes.k + $1]) * Double(weight[(tap * sizes.c + c) * sizes.k + $1])
      }
    }
  }

  private func weightGradient(
    _ sizes: ConvolutionSizes, _ position: Int, _ x: [Float], _ dy: [Float]
  ) -> Double {
    let (k, c, tap) = (
      position % sizes.k, position / sizes.k % sizes.c, position / sizes.k / sizes.c
    )
    var sum = 0.0
    for pixel in 0..<sizes.h * sizes.w {
      let (h, w) = (
        pixel / sizes.w + (tap / 3 - 1) * sizes.dilation,
        pixel % sizes.w + (tap % 3 - 1) * sizes.dilation
      )
      guard h >= 0, h < sizes.h, w >= 0, w < sizes.w else { continue }
      sum += Double(x[(h * sizes.w + w) * sizes.c + c]) * Double(dy[pixel * sizes.k + k])
    }
    return sum
  }
}
