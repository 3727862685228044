import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct FuseConvolutionRectifierTests {
  enum Tail: Sendable, CaseIterable { case rectifier, residualLast, residualFirst }

  /// Convolution, sum and rectifier. Inputs: x, weight, residual.
  static func build(
    _ graph: Graph, _ inputs: [Tensor], _ form: ConvolutionPolicies.Form, _ tail: Tail, fuses: Bool
  ) throws -> [Tensor] {
    var y = try graph.emit(
      form.sizes.convolution(form.policy), Array(inputs[0...1]), path: "conv")[0]
    if tail != .rectifier {
      let operands = tail == .residualLast ? [y, inputs[2]] : [inputs[2], y]
      y = try graph.emit(Add(), operands, path: "sum")[0]
    }
    let result = try graph.emit(ReLU(), [y], path: "relu")
    if fuses {
      let counts = graph.rewrite([FuseConvolutionRectifier()], keeping: result)
      #expect(counts == ["fuse_convolution_rectifier": 1])
      #expect(Plan(graph, keeping: result).layers.map(\.operation) == ["conv2d"])
    }
    return result
  }

  /// The same sum, rectified before it is written: no bit changes.
  @Test(arguments: ConvolutionPolicies.fusing.indices, Tail.allCases)
  func sameBits(_ index: Int, _ tail: Tail) throws {
    let form = ConvolutionPolicies.fusing[index]
    let shapes = [form.sizes.input, form.sizes.weight, form.sizes.output]
    let inputs = shapes.enumerated().map { ($1, OpRun.floats($1.count, seed: UInt64($0))) }
    for variant in VectorVariant.supported {
      for threads in [1, 2, 3, 5] {
        func run(fuses: Bool) throws -> OpRun {
          try OpRun(inputs, threads: threads, variant: variant) {
            try Self.build($0, $1, form, tail, fuses: fuses)
          }
        }
        let same = try run(fuses: true).bits == run(fuses: false).bits
        #expect(same, "\(variant), \(threads) threads")
      }
    }
  }

  /// Two convolutions meet in the sum: one of them adds the other.
  @Test func takesTheLaterOfTwo() throws {
    let sizes = ConvolutionSizes.square(5, 6, c: 16, k: 32)
    let inputs = [sizes.input, sizes.weight, sizes.weight].enumerated().map {
      ($1, OpRun.floats($1.count, seed: UInt64($0)))
    }
    func run(fuses: Bool) throws -> OpRun {
      try OpRun(inputs, threads: 2) { graph, inputs in
        let parts = try [1, 2].map {
          try graph.emit(sizes.convolution(.automatic), [inputs[0], inputs[$0]], path: "\($0)")[0]
        }
        let sum = try graph.emit(Add(), parts, path: "sum")
        let y = try graph.emit(ReLU(), sum, path: "relu")
        if fuses {
          graph.rewrite([FuseConvolutionRectifier()], keeping: y)
          #expect(Plan(graph, keeping: y).layers.map(\.operation) == ["conv2d", "conv2d"])
        }
        return y
      }
    }
    let same = try run(fuses: true).bits == run(fuses: false).bits
    #expect(same)
  }

  @Test func leavesWhatItMust() throws {
    let sizes = ConvolutionSizes.square(5, 5, c: 16, k: 16)
    struct Traced { let graph: Graph, x, y, sum, result: Tensor }
    func places(
      _ policy: ConvolutionPolicy = .automatic, twice: Bool = false, residual: Bool = true,
      _ more: (Traced) throws -> [Tensor] = { _ in [] }
    ) throws -> Int? {
      let graph = Graph(.inference)
      let x = graph.input("x", TensorType(sizes.input))
      let weight = graph.input("weight", TensorType(sizes.weight))
      let y = try graph.emit(sizes.convolution(policy), [x, weight], path: "conv")[0]
      let sum =
        residual ? try graph.emit(Add(), [y, twice ? y : x], path: "sum")[0] : y
      let result = try graph.emit(ReLU(), [sum], path: "relu")[0]
      let traced = Traced(graph: graph, x: x, y: y, sum: sum, result: result)
      let kept = [result] + (try more(traced))
      return graph.rewrite([FuseConvolutionRectifier()], keeping: kept)[
        "fuse_convolution_rectifier"]
    }
    #expect(try places() == 1)
    #expect(try places(residual: false) == 1)
    for policy in ConvolutionPolicies.plain {
      #expect(try places(policy) == 0)
      #expect(try places(policy, residual: false) == 0)
    }
    // A convolution that is its own residual; kept or read before the sum, or before the rectifier.
    #expect(try places(twice: true) == 0)
    #expect(try places { [$0.y] } == 0)
    #expect(try places { [$0.sum] } == 0)
    #expect(try places { try $0.graph.emit(Copy(), [$0.y], path: "copy") } == 0)
    #expect(try places { try $0.graph.emit(Copy(), [$0.sum], path: "copy") } == 0)
    #expect(try places(residual: false) { [$0.y] } == 0)
  }
}
