import SegCore
import SegEngine
import SegTestSupport
import Testing

/// Results of 8 MB and more are written past the caches: they hold what each picture, or fewer channels, give alone.
@Suite(.serialized) struct StreamingTests {
  private static let picture = 128 * 128 * 64

  struct Case: Sendable, CustomTestStringConvertible {
    var algorithm: ConvolutionAlgorithm
    var kernel: Int
    var variant: VectorVariant
    var testDescription: String { "\(algorithm.name), \(kernel)x\(kernel), \(variant)" }
  }

  static let cases = [VectorVariant.current, .generic].flatMap { variant in
    [(ConvolutionAlgorithm.gathered, 1), (.gathered, 3), (.strips, 3), (.winograd, 3)].map {
      Case(algorithm: $0.0, kernel: $0.1, variant: variant)
    }
  }

  /// Outputs, and gradients of the inputs, which are as large.
  @Test(arguments: cases) func convolutionsAgree(_ testCase: Case) throws {
    try expectSame(variant: testCase.variant) { n in
      let sizes = ConvolutionSizes(
        n: n, h: 128, w: 128, c: 64, k: 64, r: testCase.kernel, s: testCase.kernel,
        padding: testCase.kernel / 2, bias: true)
      let op = sizes.convolution(.only(testCase.algorithm))
      return Job(
        constants: [
          (sizes.weight, OpRun.floats(sizes.weight.count, seed: 2)),
          ([64], OpRun.floats(64, seed: 3)),
        ], build: { try $0.emit(op, $1, path: "conv") })
    }
  }

  /// 512 x 512 weights have gradients of 9.4 MB; those of the first 448 outputs alone take less than 8.
  @Test(arguments: [VectorVariant.current, .generic]) func weightGradientsAgree(
    _ variant: VectorVariant
  ) throws {
    func gradients(outputs: Int) throws -> [Float] {
      let sizes = ConvolutionSizes(n: 1, h: 8, w: 8, c: 512, k: outputs, r: 3, s: 3, padding: 1)
      let op = sizes.convolution(.only(.winograd))
      let run = try OpRun(
        [
          ([1, 8, 8, 512], OpRun.floats(8 * 8 * 512)),
          (sizes.weight, firstOutputs(outputs, of: OpRun.floats(9 * 512 * 512, seed: 2))),
        ], seed: firstOutputs(outputs, of: OpRun.floats(8 * 8 * 512, seed: 3)), threads: 2,
        variant: variant, learning: [1], { try $0.emit(op, $1, path: "conv") })
      return run.gradients[0]
    }
    #expect(try firstOutputs(448, of: gradients(outputs: 512)) == gradients(outputs: 448))
  }

  private func firstOutputs(_ count: Int, of rows: [Float]) -> [Float] {
    stride(from: 0, to: rows.count, by: 512).flatMap { rows[$0..<$0 + count] }
  }

  @Test(arguments: [VectorVariant.current, .generic]) func normalisationsAgree(
    _ variant: VectorVariant
  ) throws {
    try expectSame(variant: variant) { _ in
      Job(
        constants: (0..<4).map { ([64], OpRun.floats(64, in: 0.5...1.5, seed: 3 + $0)) },
        build: { graph, inputs in
          try graph.emit(
            BatchNormApply(usesBatchStatistics: false, rectifies: true), inputs, path: "bn")
        })
    }
  }

  private struct Job {
    var constants: [(shape: Shape, values: [Float])]
    var build: (Graph, [Tensor]) throws -> [Tensor]
  }

  private func expectSame(variant: VectorVariant, _ job: (Int) -> Job) throws {
    let x = OpRun.floats(2 * Self.picture)
    let dy = OpRun.floats(2 * Self.picture, seed: 8)
    func run(_ pictures: Range<Int>) throws -> [[Float]] {
      let job = job(pictures.count)
      let range = pictures.lowerBound * Self.picture..<pictures.upperBound * Self.picture
      let run = try OpRun(
        [([pictures.count, 128, 128, 64], Array(x[range]))] + job.constants, seed: Array(dy[range]),
        threads: 2, variant: variant, learning: [0], job.build)
      return [run.outputs[0], run.gradients[0]]
    }
    let together = try run(0..<2)
    let first = try run(0..<1)
    let second = try run(1..<2)
    for part in 0..<2 { #expect(together[part] == first[part] + second[part]) }
  }
}
