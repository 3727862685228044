import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct PrepareConvolutionWeightsTests {
  /// One convolution with bias and rectifier, its weight in a store.
  private struct Fixture {
    let store = ParameterStore()
    let weight, bias: Parameter
    let graph = Graph(.inference)
    let y: Tensor
    let sizes: ConvolutionSizes

    init(_ form: ConvolutionPolicies.Form) throws {
      sizes = form.sizes
      weight = store.declareParameter(
        "weight", [sizes.k, sizes.c, sizes.r, sizes.s], layout: .convolution)
      bias = store.declareParameter("bias", [sizes.k])
      try store.reserve(gradients: false)
      store.set(weight, to: OpRun.floats(sizes.weight.count, seed: 1))
      store.set(bias, to: OpRun.floats(sizes.k, seed: 2))
      let x = graph.input("x", TensorType(sizes.input))
      var biased = sizes
      biased.bias = true
      var op = biased.convolution(form.policy)
      op.fusion.rectifies = !ConvolutionPolicies.plain.contains(form.policy)
      y = try graph.emit(
        op, [x, graph.parameter(weight), graph.parameter(bias)], path: "conv")[0]
    }

    func executor(_ threads: Int, _ variant: VectorVariant) throws -> Executor {
      let plan = Plan(graph, keeping: [y], guardBytes: 64)
      return try Executor(
        plan, store: store, pool: ThreadPool(threads: threads, variant: variant))
    }

    func values(_ executor: Executor) -> [Float] {
      _ = executor.input("x").update(fromContentsOf: OpRun.floats(sizes.input.count, seed: 3))
      executor.poison(byte: 0xFF)
      executor.run(StepContext())
      return Array(executor.contents(of: y))
    }
  }

  /// What is prepared is what would have been made: no bit changes; and it is made again after weights have changed.
  @Test(arguments: ConvolutionPolicies.fusing.indices) func sameBits(_ index: Int) throws {
    let form = ConvolutionPolicies.fusing[index]
    for variant in VectorVariant.supported {
      for threads in [1, 2, 3, 5] {
        let (plain, prepared) = (try Fixture(form), try Fixture(form))
        let counts = prepared.graph.rewrite(
          [PrepareConvolutionWeights()], keeping: [prepared.y])
        #expect(counts == ["prepare_convolution_weights": 1])
        let (first, second) = (
          try plain.executor(threads, variant), try prepared.executor(threads, variant)
        )
        let before = plain.values(first)
        let same = prepared.values(second) == before && prepared.values(second) == before
        #expect(same, "\(variant), \(threads) threads")
        for fixture in [plain, prepared] {
          fixture.store.set(
            fixture.weight, to: OpRun.floats(fixture.sizes.weight.count, seed: 5))
        }
        let after = plain.values(first)
        let follows = after != before && prepared.values(second) == after
        #expect(follows, "\(variant), \(threads) threads")
      }
    }
  }

  @Test func isMadeOnce() throws {
    let fixture = try Fixture(ConvolutionPolicies.fusing[0])
    fixture.graph.rewrite([PrepareConvolutionWeights()], keeping: [fixture.y])
    let plan = Plan(fixture.graph, keeping: [fixture.y])
    #expect(plan.layers.map(\.operation) == ["prepared_weight", "conv2d"])
    #expect(plan.preparationCount == 1 && plan.preparedBytes > 0)
    #expect(plan.layers[1].multiplyAdds == fixture.sizes.output.count * fixture.sizes.terms)
  }

  @Test func leavesWhatItMust() throws {
    func places(_ graph: Graph, _ kept: [Tensor]) -> Int? {
      graph.rewrite([PrepareConvolutionWeights()], keeping: kept)["prepare_convolution_weights"]
    }
    for policy in ConvolutionPolicies.plain {
      let direct = try Fixture(.init(policy: policy, sizes: .square(5, 5)))
      #expect(places(direct.graph, [direct.y]) == 0)
    }
    // A weight that is computed from the picture.
    let graph = Graph(.inference)
    let x = graph.input("x", TensorType([1, 5, 5, 16]))
    let weight = graph.input("weight", TensorType([3, 3, 16, 16]))
    let y = try graph.emit(Conv2D(padding: 1), [x, weight], path: "conv")
    #expect(places(graph, y) == 0)
    // A second time.
    let fixture = try Fixture(ConvolutionPolicies.fusing[0])
    #expect(places(fixture.graph, [fixture.y]) == 1)
    #expect(places(fixture.graph, [fixture.y]) == 0)
  }
}
