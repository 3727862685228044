import SegCore
import SegEngine
import SegTestSupport
import Testing

/// Which operations a policy runs again, and which never.
@Suite struct RecomputeTests {
  /// Blocks of convolution, normalisation and rectifier, alone or with a skip around each.
  private func plan(
    blocks: Int, skips: Bool = false, _ policy: RecomputePolicy
  ) throws -> Plan {
    let graph = Graph()
    let store = ParameterStore()
    let image = graph.input("image", TensorType([2, 16, 16, 8]))
    var x = image
    for block in 0..<blocks {
      let path = "block\(block)"
      let weight = store.declareParameter("\(path).weight", [8, 8, 3, 3], layout: .convolution)
      let affine = ["scale", "shift"].map { store.declareParameter("\(path).\($0)", [8]) }
      let running = ["mean", "variance"].map {
        store.declareBuffer("\(path).\($0)", TensorType([8]))
      }
      let count = store.declareBuffer("\(path).count", TensorType([], .int64))
      let y = try graph.emit(Conv2D(padding: 1), [x, graph.parameter(weight)], path: path)[0]
      let moments = try graph.emit(BatchNormStatistics(), [y], path: path)
      try graph.emit(
        UpdateRunningStatistics(count: 512),
        [moments[0], moments[1]] + (running + [count]).map { graph.buffer($0) }, path: path)
      var z = try graph.emit(
        BatchNormApply(usesBatchStatistics: true),
        [y, moments[0], moments[2]] + affine.map { graph.parameter($0) }, path: path)[0]
      if skips { z = try graph.emit(Add(), [z, x], path: path)[0] }
      x = try graph.emit(ReLU(), [z], path: path)[0]
    }
    let upstream = graph.input("upstream", x.type)
    try graph.differentiate([(x, upstream)], parameters: store.parameters)
    return Plan(graph, keeping: [], recompute: policy)
  }

  private func again(_ plan: Plan) -> [String: Int] {
    var counts: [String: Int] = [:]
    for step in plan.steps where step.isGradient {
      counts[type(of: step.op).name, default: 0] += 1
    }
    return counts
  }

  private static let size = 2 * 16 * 16 * 8 * 4

  @Test func nothingIsRunAgainUnlessAsked() throws {
    let counts = again(try plan(blocks: 6, .none))
    #expect(counts["conv2d"] == nil && counts["relu"] == nil && counts["batch_norm_apply"] == nil)
  }

  @Test func cheapOperationsRunAgainAndNoConvolution() throws {
    let plain = try plan(blocks: 6, .none)
    let cheap = try plan(blocks: 6, .cheap)
    let counts = again(cheap)
    #expect(counts["conv2d"] == nil && counts["batch_norm_statistics"] == nil)
    #expect(counts["update_running_statistics"] == nil)
    // The last block's value is read at once, the others' are dropped as a chain of two.
    #expect(counts["relu"] == 5 && counts["batch_norm_apply"] == 5)
    #expect(plain.lowerBoundBytes - cheap.lowerBoundBytes >= 4 * Self.size)
  }

  /// Of blocks with skips not all can be dropped: each needs the one before.
  @Test func skipsKeepSomeOutputs() throws {
    let plain = try plan(blocks: 8, skips: true, .none)
    let cheap = try plan(blocks: 8, skips: true, .cheap)
    #expect(plain.lowerBoundBytes - cheap.lowerBoundBytes >= 3 * Self.size)
  }

  @Test func segmentsRunConvolutionsAgainAndStatisticsOnce() throws {
    let cheap = try plan(blocks: 16, .cheap)
    let segments = try plan(blocks: 16, .segments)
    let counts = again(segments)
    #expect((1...15).contains(counts["conv2d"] ?? 0))
    #expect(counts["batch_norm_statistics"] == nil && counts["update_running_statistics"] == nil)
    #expect(segments.steps.count { $0.op is UpdateRunningStatistics } == 16)
    #expect(cheap.lowerBoundBytes - segments.lowerBoundBytes >= 6 * Self.size)
  }

  /// Memory grows with the square root of the depth, not with the depth.
  @Test func segmentsOfADeepNetworkTakeLittleMemory() throws {
    let bytes = try [16, 64].map { try plan(blocks: $0, .segments).lowerBoundBytes }
    #expect(Double(bytes[1]) <= 2.4 * Double(bytes[0]), "\(bytes)")
  }

  /// An operation that reads a buffer the step itself moves would read another value the second time.
  @Test func whatReadsAMovingBufferIsKept() throws {
    let graph = Graph()
    let store = ParameterStore()
    let types = [TensorType([8]), TensorType([8]), TensorType([], .int64)]
    let running = ["mean", "variance", "count"].enumerated().map {
      store.declareBuffer($0.element, types[$0.offset])
    }
    let tensors = running.map { graph.buffer($0) }
    let image = graph.input("image", TensorType([2, 16, 16, 8]))
    let one = graph.constant([Float](repeating: 1, count: 8), [8])
    let deviation = try graph.emit(InverseStandardDeviation(), [tensors[1]], path: "norm")[0]
    var x = try graph.emit(
      BatchNormApply(usesBatchStatistics: false), [image, tensors[0], deviation, one, one],
      path: "norm")[0]
    let moments = try graph.emit(BatchNormStatistics(), [image], path: "norm")
    try graph.emit(
      UpdateRunningStatistics(count: 512), [moments[0], moments[1]] + tensors, path: "norm")
    for _ in 0..<4 {
      x = try graph.emit(Softmax(), [x], path: "softmax")[0]
      x = try graph.emit(ReLU(), [x], path: "relu")[0]
    }
    let upstream = graph.input("upstream", x.type)
    let gradients = try graph.differentiate([(x, upstream)], alsoFor: [image])
    for policy in RecomputePolicy.allCases {
      let plan = Plan(graph, keeping: gradients.compactMap { $0 }, recompute: policy)
      #expect(!plan.steps.contains { $0.isGradient && $0.op is BatchNormApply })
      #expect(!plan.steps.contains { $0.isGradient && $0.op is InverseStandardDeviation })
    }
  }

  /// A gradient may be written over any input that dies, where the kernel reads it first.
  @Test func gradientsOverwriteWhatDies() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([4096]))
    let y = try graph.emit(ReLU(), [graph.emit(Copy(), [x], path: "")[0]], path: "")[0]
    let seed = graph.input("seed", x.type)
    let gradient = try graph.differentiate([(y, seed)], alsoFor: [x])[0]
    let plan = Plan(graph, keeping: [try #require(gradient)])
    #expect(plan.lowerBoundBytes == 4096 * 4)
  }
}
