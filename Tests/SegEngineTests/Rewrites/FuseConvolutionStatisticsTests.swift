import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct FuseConvolutionStatisticsTests {
  /// Convolution and batch normalisation. Inputs: x, weight, gamma, beta.
  static func build(
    _ graph: Graph, _ inputs: [Tensor], _ form: ConvolutionPolicies.Form, fuses: Bool
  ) throws -> [Tensor] {
    let y = try graph.emit(
      form.sizes.convolution(form.policy), Array(inputs[0...1]), path: "conv")[0]
    let statistics = try graph.emit(BatchNormStatistics(), [y], path: "bn")
    let z = try graph.emit(
      BatchNormApply(usesBatchStatistics: true), [y, statistics[0], statistics[2]] + inputs[2...3],
      path: "bn")
    let outputs = z + [y] + statistics
    if fuses {
      let counts = graph.rewrite([FuseConvolutionStatistics()], keeping: outputs)
      #expect(counts == ["fuse_convolution_statistics": 1])
      let operations = Plan(graph, keeping: outputs).layers.map(\.operation)
      #expect(operations == ["conv2d", "batch_norm_apply"])
    }
    return outputs
  }

  @Test(arguments: ConvolutionPolicies.fusing.indices) func agrees(_ index: Int) throws {
    let form = ConvolutionPolicies.fusing[index]
    let sizes = form.sizes
    let shapes = [sizes.input, sizes.weight, [sizes.k], [sizes.k]]
    let inputs = shapes.enumerated().map { ($1, OpRun.floats($1.count, seed: UInt64($0))) }
    let seed = OpRun.floats(sizes.output.count, seed: 11)
    func run(fuses: Bool, _ threads: Int, _ variant: VectorVariant) throws -> OpRun {
      try OpRun(inputs, seed: seed, threads: threads, variant: variant) {
        try Self.build($0, $1, form, fuses: fuses)
      }
    }
    for variant in VectorVariant.supported {
      let plain = try run(fuses: false, 2, variant)
      let fused = try run(fuses: true, 2, variant)
      let same = fused.outputs[1] == plain.outputs[1]
      #expect(same, "\(variant)")
      // Sums in another order, rounded once.
      for (found, expected) in zip(
        fused.outputs + fused.gradients, plain.outputs + plain.gradients)
      {
        let difference = relativeDifference(found, expected)
        #expect(difference < 2e-6, "\(variant)")
      }
      for threads in [1, 3, 5] {
        let same = try run(fuses: true, threads, variant).bits == fused.bits
        #expect(same, "\(threads) threads")
      }
    }
  }

  @Test func leavesWhatItMust() throws {
    let sizes = ConvolutionSizes.square(5, 5, c: 16, k: 16)
    /// Statistics of the convolution, of its copy, or twice of it.
    func places(
      _ policy: ConvolutionPolicy, copies: Bool = false, statistics count: Int = 1
    ) throws -> Int? {
      let graph = Graph()
      let x = graph.input("x", TensorType(sizes.input))
      let weight = graph.input("weight", TensorType(sizes.weight))
      var y = try graph.emit(sizes.convolution(policy), [x, weight], path: "conv")
      if copies { y = try graph.emit(Copy(), y, path: "copy") }
      let kept = try (0..<count).flatMap { _ in
        try graph.emit(BatchNormStatistics(), y, path: "bn")
      }
      return graph.rewrite([FuseConvolutionStatistics()], keeping: kept)[
        "fuse_convolution_statistics"]
    }
    #expect(try places(.automatic) == 1)
    #expect(try places(.automatic, statistics: 2) == 1)
    #expect(try places(.automatic, copies: true) == 0)
    for policy in ConvolutionPolicies.plain { #expect(try places(policy) == 0) }
  }
}
