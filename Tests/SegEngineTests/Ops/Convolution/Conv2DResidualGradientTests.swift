import SegCore
import SegEngine
import SegTestSupport
import Testing

/// The rectifier of a residual block, whose gradient a convolution behind it computes on its way.
@Suite struct Conv2DResidualGradientTests {
  /// `max(0, normalised x + residual)`, read by a convolution and perhaps by others before it or after it. Inputs: x,
  /// residual, gamma, beta, weight, weight of the others.
  struct Block: Sendable, CustomTestStringConvertible {
    enum Reader: Sendable { case convolution, rectifier }

    var sizes: ConvolutionSizes
    var policy: ConvolutionPolicy
    var before: Reader?
    var after: Reader?

    var testDescription: String {
      "\(policy), \(sizes.description), before: \(before.map { "\($0)" } ?? "none"), after: \(after.map { "\($0)" } ?? "none")"
    }

    func build(_ graph: Graph, _ inputs: [Tensor], _ policy: ConvolutionPolicy) throws -> [Tensor] {
      let statistics = try graph.emit(BatchNormStatistics(), [inputs[0]], path: "bn")
      let y = try graph.emit(
        BatchNormApply(usesBatchStatistics: true, addsResidual: true, rectifies: true),
        [inputs[0], statistics[0], statistics[2], inputs[2], inputs[3], inputs[1]], path: "bn")[0]
      let early = try before.map { try read(y, $0, inputs, policy) }
      var result = try graph.emit(sizes.convolution(policy), [y, inputs[4]], path: "conv")[0]
      let late = try after.map { try read(y, $0, inputs, policy) }
      for other in [early, late].compactMap({ $0 }) {
        result = try graph.emit(Add(), [result, other], path: "sum")[0]
      }
      return [result]
    }

    /// Another reader, its output made fit for the sum.
    private func read(
      _ y: Tensor, _ reader: Reader, _ inputs: [Tensor], _ policy: ConvolutionPolicy
    ) throws -> Tensor {
      var from = y
      if reader == .rectifier { from = try y.graph.emit(ReLU(), [y], path: "relu")[0] }
      return try y.graph.emit(sizes.convolution(policy), [from, inputs[5]], path: "other")[0]
    }

    func run(
      _ policy: ConvolutionPolicy, threads: Int = 2, _ variant: VectorVariant = .current
    ) throws -> OpRun {
      let shapes = [sizes.input, sizes.input, [sizes.c], [sizes.c], sizes.weight, sizes.weight]
      return try OpRun(
        shapes.enumerated().map { ($1, OpRun.floats($1.count, seed: UInt64($0) + 3)) },
        seed: OpRun.floats(sizes.output.count, seed: 17), threads: threads, variant: variant,
        learning: before == nil && after == nil ? [0, 1, 2, 3, 4] : nil
      ) { try build($0, $1, policy) }
    }

    func operations() throws -> [String] {
      let graph = Graph()
      let shapes = [sizes.input, sizes.input, [sizes.c], [sizes.c], sizes.weight, sizes.weight]
      let inputs = shapes.enumerated().map { graph.input("input\($0)", TensorType($1)) }
      let made = try build(graph, inputs, policy)
      let seed = graph.input("seed", made[0].type)
      let gradients = try graph.differentiate([(made[0], seed)], alsoFor: inputs)
      return Plan(graph, keeping: made + gradients.compactMap { $0 }).layers.map(\.operation)
    }
  }

  static let forms: [(ConvolutionSizes, ConvolutionPolicy)] = [
    // Products finish themselves; several slices; rows of no whole vector; Winograd private and shared.
    (ConvolutionSizes(h: 9, w: 19, c: 64, k: 48, r: 1, s: 1, padding: 0), .automatic),
    (ConvolutionSizes(h: 5, w: 7, c: 560, k: 33, r: 1, s: 1, padding: 0), .automatic),
    (ConvolutionSizes(h: 9, w: 7, c: 35, k: 21, r: 1, s: 1, padding: 0), .automatic),
    (.square(9, 11, c: 32, k: 48), .only(.winograd)),
    (.square(7, 5, c: 176, k: 48, n: 1, dilation: 2), .only(.winogradExact)),
    (.square(7, 6, c: 32, k: 48), .only(.gathered)),
  ]

  static let blocks = forms.flatMap { sizes, policy in
    [(nil, nil), (nil, Block.Reader.convolution), (nil, .rectifier)].map { before, after in
      Block(sizes: sizes, policy: policy, before: before, after: after)
    }
  }

  @Test(arguments: blocks) func agreesWithPassesOfTheirOwn(_ block: Block) throws {
    #expect(try block.operations().contains("conv2d_residual_input_gradient"))
    #expect(try !block.operations().contains("batch_norm_residual_gradient"))
    let expected = try block.run(.direct)
    for variant in VectorVariant.supported {
      let found = try block.run(block.policy, variant)
      for (found, expected) in zip(found.gradients, expected.gradients) {
        let difference = relativeDifference(found, expected)
        #expect(difference < 2e-5, "\(variant)")
      }
      for threads in [1, 3, 5] {
        let same = try block.run(block.policy, threads: threads, variant).bits == found.bits
        #expect(same, "\(variant), \(threads) threads")
      }
    }
  }

  @Test func leavesWhatItMust() throws {
    func isFused(_ block: Block) throws -> Bool {
      try block.operations().contains("conv2d_residual_input_gradient")
    }
    let sizes = ConvolutionSizes.square(6, 5, c: 16, k: 16)
    #expect(try isFused(Block(sizes: sizes, policy: .automatic)))
    #expect(try !isFused(Block(sizes: sizes, policy: .direct)))
    var strided = sizes
    strided.stride = 2
    #expect(try !isFused(Block(sizes: strided, policy: .automatic)))
    // The last to write the gradient is not a convolution.
    #expect(try !isFused(Block(sizes: sizes, policy: .automatic, before: .rectifier)))
  }

  /// A gradient that somebody asked for is not masked by what follows.
  @Test func keepsAskedGradients() throws {
    let sizes = ConvolutionSizes.square(6, 5, c: 16, k: 16)
    let graph = Graph()
    let x = graph.input("x", TensorType(sizes.input))
    let channel = graph.input("channel", TensorType([16]))
    let weight = graph.input("weight", TensorType(sizes.weight))
    let y = try graph.emit(
      BatchNormApply(usesBatchStatistics: false, addsResidual: true, rectifies: true),
      [x, channel, channel, channel, channel, x], path: "bn")[0]
    let z = try graph.emit(sizes.convolution(.automatic), [y, weight], path: "conv")[0]
    let seed = graph.input("seed", z.type)
    let gradients = try graph.differentiate([(z, seed)], alsoFor: [x, channel, y])
    let operations = Plan(graph, keeping: gradients.compactMap { $0 }).layers.map(\.operation)
    #expect(operations.contains("batch_norm_residual_gradient"))
  }
}
