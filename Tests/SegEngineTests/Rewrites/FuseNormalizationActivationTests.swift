import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct FuseNormalizationActivationTests {
  /// What follows the normalisation of input 0; the residual is input 3.
  enum Tail: Sendable { case rectifier, residualLast, residualFirst, residualNormalised }

  struct Case: Sendable, CustomTestStringConvertible {
    var tail: Tail
    var shape: Shape
    var fixed = false
    /// Inputs that learn.
    var learns: Set<Int> = [0, 1, 2, 3]

    var testDescription: String { "\(tail) \(shape)\(fixed ? ", fixed" : ""), \(learns.sorted())" }
    var hasResidual: Bool { if case .rectifier = tail { false } else { true } }

    /// Traces normalisation and tail; the rule is applied where wanted.
    func build(_ graph: Graph, _ inputs: [Tensor], fuses: Bool) throws -> [Tensor] {
      // Copies, so that x and the residual may be overwritten where they are read last.
      let x = try graph.emit(Copy(), [inputs[0]], path: "x")[0]
      var y = try normalise(x, inputs)
      if hasResidual {
        var residual = try graph.emit(Copy(), [inputs[3]], path: "residual")[0]
        if tail == .residualNormalised { residual = try normalise(residual, inputs) }
        let operands = tail == .residualFirst ? [residual, y] : [y, residual]
        y = try graph.emit(Add(), operands, path: "sum")[0]
      }
      let result = try graph.emit(ReLU(), [y], path: "relu")[0]
      if fuses {
        let counts = graph.rewrite([FuseNormalizationActivation()], keeping: [result])
        #expect(counts == ["fuse_normalization_activation": 1])
      }
      return [result]
    }

    private func normalise(_ x: Tensor, _ inputs: [Tensor]) throws -> Tensor {
      let graph = x.graph
      let channels = shape[3]
      var statistics = [
        graph.constant((0..<channels).map { Float($0 % 7) * 0.1 - 0.3 }, [channels]),
        graph.constant((0..<channels).map { 0.5 + Float($0 % 5) * 0.4 }, [channels]),
      ]
      if !fixed {
        let made = try graph.emit(BatchNormStatistics(), [x], path: "bn")
        statistics = [made[0], made[2]]
      }
      return try graph.emit(
        BatchNormApply(usesBatchStatistics: !fixed), [x] + statistics + inputs[1...2], path: "bn")[
          0]
    }

    /// Input and gradient values, the same for both graphs.
    func run(fuses: Bool, threads: Int = 2, variant: VectorVariant = .current) throws -> OpRun {
      let inputs = [shape, [shape[3]], [shape[3]]] + (hasResidual ? [shape] : [])
      let values = inputs.enumerated().map { index, shape in
        (shape, OpRun.floats(shape.count, seed: UInt64(index)))
      }
      return try OpRun(
        values, seed: OpRun.floats(shape.count, seed: 11), threads: threads, variant: variant,
        learning: learns
      ) { try build($0, $1, fuses: fuses) }
    }
  }

  static let tails: [Tail] = [.rectifier, .residualLast, .residualFirst, .residualNormalised]
  static let shapes: [Shape] = [
    [2, 3, 5, 7], [2, 37, 41, 33], [2, 3, 3, 1030], [1, 31, 17, 64],
  ]
  static let cases = tails.flatMap { tail in
    shapes.flatMap { shape in
      [false, true].flatMap { fixed in
        [Set([0, 1, 2, 3]), [0], [0, 3], [1, 2], [3]].compactMap { learns -> Case? in
          let part = tail == .rectifier ? learns.subtracting([3]) : learns
          return part.isEmpty ? nil : Case(tail: tail, shape: shape, fixed: fixed, learns: part)
        }
      }
    }
  }

  /// The fused graph does the same additions and multiplications in the same order, forward and back.
  @Test(arguments: cases) func sameBits(_ testCase: Case) throws {
    let plain = try testCase.run(fuses: false)
    #expect(try testCase.run(fuses: true).bits == plain.bits)
  }

  @Test(arguments: tails) func sameBitsInEveryVariant(_ tail: Tail) throws {
    for fixed in [false, true] {
      let testCase = Case(tail: tail, shape: [2, 19, 23, 37], fixed: fixed)
      let expected = try testCase.run(fuses: false).bits
      for variant in VectorVariant.supported {
        for threads in [1, 3, 5] {
          let found = try testCase.run(fuses: true, threads: threads, variant: variant)
          #expect(found.bits == expected, "\(variant), \(threads) threads")
        }
      }
    }
  }

  @Test(arguments: tails) func keepsNaN(_ tail: Tail) throws {
    var values = [(shape: Shape([1, 1, 2, 1]), values: [Float.nan, -1])]
    values += [(shape: [1], values: [1]), (shape: [1], values: [0])]
    let testCase = Case(tail: tail, shape: [1, 1, 2, 1], fixed: true)
    if testCase.hasResidual { values.append((shape: [1, 1, 2, 1], values: [0, 0])) }
    let plain = try OpRun(values, seed: [1, 1]) { try testCase.build($0, $1, fuses: false) }
    let fused = try OpRun(values, seed: [1, 1]) { try testCase.build($0, $1, fuses: true) }
    #expect(fused.outputs[0][0].isNaN && fused.outputs[0][1] == 0)
    #expect(fused.bits == plain.bits)
  }

  @Test func leavesWhatOthersRead() throws {
    let graph = Graph()
    let x = graph.input("x", TensorType([1, 2, 2, 3]))
    let channel = graph.input("c", TensorType([3]))
    func norm() throws -> Tensor {
      try graph.emit(
        BatchNormApply(usesBatchStatistics: false), [x, channel, channel, channel, channel],
        path: "bn")[0]
    }
    let shared = try norm()
    let twice = try norm()
    let kept = try norm()
    let outputs = [
      try graph.emit(ReLU(), [shared], path: "a")[0],
      try graph.emit(Copy(), [shared], path: "b")[0],
      try graph.emit(ReLU(), [graph.emit(Add(), [twice, twice], path: "c")[0]], path: "c")[0],
      try graph.emit(ReLU(), [kept], path: "d")[0], kept,
    ]
    let counts = graph.rewrite([FuseNormalizationActivation()], keeping: outputs)
    #expect(counts == ["fuse_normalization_activation": 0])
  }
}
