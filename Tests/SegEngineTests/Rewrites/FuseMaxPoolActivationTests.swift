import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct FuseMaxPoolActivationTests {
  struct Form: Sendable {
    var shape: Shape
    var pool: MaxPool
  }

  /// Whole vectors of channels and odd ones, rows longer than a group of summed pixels, more rows than tasks.
  static let forms = [
    Form(shape: [2, 11, 37, 32], pool: MaxPool(kernel: 3, stride: 2, padding: 1)),
    Form(shape: [2, 8, 6, 19], pool: MaxPool(kernel: 3, stride: 2, padding: 1)),
    Form(shape: [1, 9, 16, 5], pool: MaxPool(kernel: 2, stride: 2)),
    Form(shape: [3, 41, 5, 16], pool: MaxPool(kernel: 5, stride: 3, padding: 2)),
    Form(shape: [1, 7, 7, 17], pool: MaxPool(kernel: 2, stride: 3)),
  ]

  /// Inputs: x, gamma, beta.
  private static func build(
    _ graph: Graph, _ inputs: [Tensor], _ form: Form, fixed: Bool, fuses: Bool
  ) throws -> [Tensor] {
    let z = try rectifiedNormalization(graph, inputs, fixed: fixed)
    let pooled = try graph.emit(form.pool, [z], path: "pool")
    if fuses {
      let counts = graph.rewrite([FuseMaxPoolActivation()], keeping: pooled)
      #expect(counts == ["fuse_max_pool_activation": 1])
      let operations = Plan(graph, keeping: pooled).layers.map(\.operation)
      #expect(!operations.contains("batch_norm_apply"))
    }
    return [pooled[0]]
  }

  @Test(arguments: forms.indices, [false, true]) func agrees(_ index: Int, _ fixed: Bool) throws {
    let form = Self.forms[index]
    let channels = form.shape[3]
    let inputs = [form.shape, [channels], [channels]].enumerated().map {
      ($1, OpRun.floats($1.count, seed: UInt64($0)))
    }
    func run(fuses: Bool, threads: Int = 2, _ variant: VectorVariant = .current) throws -> OpRun {
      let pooled = try form.pool.infer([TensorType(form.shape)])[0].shape
      return try OpRun(
        inputs, seed: OpRun.floats(pooled.count, seed: 11), threads: threads, variant: variant
      ) { try Self.build($0, $1, form, fixed: fixed, fuses: fuses) }
    }
    let plain = try run(fuses: false)
    let fused = try run(fuses: true)
    #expect(fused.outputs[0] == plain.outputs[0])
    for (found, expected) in zip(fused.gradients, plain.gradients) {
      #expect(relativeDifference(found, expected) < 3e-6)
    }
    for threads in [1, 3, 5] {
      let same = try run(fuses: true, threads: threads).bits == fused.bits
      #expect(same, "\(threads) threads")
    }
    for variant in VectorVariant.supported {
      let same = try run(fuses: true, variant).bits == fused.bits
      #expect(same, "\(variant)")
    }
  }

  /// NaN is largest and is passed on; of windows without a positive value nothing flows back.
  @Test func keepsSpecialValues() throws {
    for channels in [1, 16] {
      let values = [2, .nan, -1, -2, -3, -4, -5, -6].flatMap {
        [Float](repeating: $0, count: channels)
      }
      let ones = [Float](repeating: 1, count: channels)
      let zeros = [Float](repeating: 0, count: channels)
      let run = try OpRun(
        [([1, 2, 4, channels], values), ([channels], ones), ([channels], zeros)],
        seed: [Float](repeating: 1, count: 2 * channels)
      ) { graph, inputs in
        let (mean, inverseStd) = (
          graph.constant(zeros, [channels]), graph.constant(ones, [channels])
        )
        let z = try graph.emit(
          BatchNormApply(usesBatchStatistics: false, rectifies: true),
          [inputs[0], mean, inverseStd, inputs[1], inputs[2]], path: "bn")[0]
        let pooled = try graph.emit(MaxPool(kernel: 2, stride: 2), [z], path: "pool")
        #expect(
          graph.rewrite([FuseMaxPoolActivation()], keeping: pooled)["fuse_max_pool_activation"] == 1
        )
        return [pooled[0]]
      }
      #expect(run.outputs[0][..<channels].allSatisfy { $0.isNaN })
      #expect(run.outputs[0][channels...].allSatisfy { $0 == 0 })
      #expect(run.gradients[0].allSatisfy { $0 == 0 })
    }
  }

  @Test func leavesWhatItMust() throws {
    func places(
      rectifies: Bool = true, residual: Bool = false,
      _ more: (Graph, _ z: Tensor) throws -> [Tensor] = { _, _ in [] }
    ) throws -> Int? {
      let graph = Graph()
      let x = graph.input("x", TensorType([1, 4, 4, 16]))
      let channel = graph.input("channel", TensorType([16]))
      let z = try graph.emit(
        BatchNormApply(usesBatchStatistics: false, addsResidual: residual, rectifies: rectifies),
        [x, channel, channel, channel, channel] + (residual ? [x] : []), path: "bn")[0]
      let y = try graph.emit(MaxPool(kernel: 2, stride: 2), [z], path: "pool")
      let kept = y + (try more(graph, z))
      return graph.rewrite([FuseMaxPoolActivation()], keeping: kept)["fuse_max_pool_activation"]
    }
    #expect(try places() == 1)
    #expect(try places(rectifies: false) == 0)
    #expect(try places(residual: true) == 0)
    // Kept, or read by something else.
    #expect(try places { [$1] } == 0)
    #expect(try places { try $0.emit(Copy(), [$1], path: "copy") } == 0)
  }
}
