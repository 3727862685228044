import SegCore
import SegEngine
import Testing

@Suite struct FoldBatchNormTests {
  /// Convolution and normalisation with weights in a store, in an inference graph.
  struct Fixture {
    let store = ParameterStore()
    let weight, bias, gamma, beta: Parameter
    let mean, variance: Buffer
    let graph: Graph
    let y: Tensor
    let between: Tensor

    init(hasBias: Bool, mode: Mode = .inference) throws {
      weight = store.declareParameter("weight", [33, 19, 3, 3], layout: .convolution)
      bias = store.declareParameter("bias", [33])
      gamma = store.declareParameter("gamma", [33])
      beta = store.declareParameter("beta", [33])
      mean = store.declareBuffer("mean", TensorType([33]))
      variance = store.declareBuffer("variance", TensorType([33]))
      try store.reserve(gradients: false)
      for (index, parameter) in store.parameters.enumerated() {
        store.set(parameter, to: OpRun.floats(parameter.filedShape.count, seed: UInt64(index)))
      }
      store.set(mean, to: OpRun.floats(33, seed: 8))
      store.set(variance, to: OpRun.floats(33, in: 0.5...2, seed: 9))

      graph = Graph(mode)
      let x = graph.input("x", TensorType([1, 9, 11, 19]))
      let weights = [graph.parameter(weight)] + (hasBias ? [graph.parameter(bias)] : [])
      between = try graph.emit(Conv2D(padding: 1, hasBias: hasBias), [x] + weights, path: "conv")[0]
      let inverse = try graph.emit(
        InverseStandardDeviation(), [graph.buffer(variance)], path: "bn")[0]
      y = try graph.emit(
        BatchNormApply(usesBatchStatistics: false),
        [between, graph.buffer(mean), inverse, graph.parameter(gamma), graph.parameter(beta)],
        path: "bn")[0]
    }

    func values() throws -> [Float] {
      let plan = Plan(graph, keeping: [y])
      let executor = try Executor(plan, store: store, pool: ThreadPool(threads: 2))
      _ = executor.input("x").update(fromContentsOf: OpRun.floats(9 * 11 * 19))
      executor.run(StepContext())
      return Array(executor.contents(of: y))
    }
  }

  @Test(arguments: [false, true]) func agrees(_ hasBias: Bool) throws {
    let plain = try Fixture(hasBias: hasBias).values()
    let folded = try Fixture(hasBias: hasBias)
    let counts = folded.graph.rewrite([FoldBatchNorm()], keeping: [folded.y])
    #expect(counts == ["fold_batch_norm": 1])
    let plan = Plan(folded.graph, keeping: [folded.y])
    #expect(
      plan.layers.map { "\($0.path) \($0.operation)" } == [
        "bn inverse_standard_deviation", "bn folded_weights", "conv conv2d",
      ])
    #expect(plan.preparationCount == 2)
    // Weights are rounded once more: as one more rounding of every product.
    let scale = Double(plain.map { abs($0) }.max() ?? 0)
    let limit = 0x1p-23 * (4 + Double(9 * 19).squareRoot()) * scale
    for (found, expected) in zip(try folded.values(), plain) {
      #expect(abs(Double(found) - Double(expected)) <= limit)
    }
  }

  @Test func leavesWhatOthersRead() throws {
    let fixture = try Fixture(hasBias: false)
    let counts = fixture.graph.rewrite([FoldBatchNorm()], keeping: [fixture.y, fixture.between])
    #expect(counts == ["fold_batch_norm": 0])
  }

  /// Weights that are computed from the picture cannot be folded once.
  @Test func leavesWeightsThatChange() throws {
    let graph = Graph(.inference)
    let x = graph.input("x", TensorType([1, 3, 3, 2]))
    let weight = graph.input("weight", TensorType([1, 1, 2, 2]))
    let channel = graph.constant([1, 2], [2])
    let y = try graph.emit(Conv2D(), [x, weight], path: "conv")
    let z = try graph.emit(
      BatchNormApply(usesBatchStatistics: false), y + [channel, channel, channel, channel],
      path: "bn")
    #expect(graph.rewrite([FoldBatchNorm()], keeping: z) == ["fold_batch_norm": 0])
  }
}
