import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct FuseConvolutionActivationTests {
  typealias Form = ConvolutionPolicies.Form

  /// Normalisation with rectifier, read by one or two convolutions. Inputs: x, gamma, beta, weights.
  static func build(
    _ graph: Graph, _ inputs: [Tensor], _ form: Form, fixed: Bool, readers: Int, fuses: Bool
  ) throws -> [Tensor] {
    let z = try rectifiedNormalization(graph, inputs, fixed: fixed)
    var y = try convolve(graph, z, inputs[3], form)
    if readers == 2 {
      y = try graph.emit(Add(), [y, convolve(graph, z, inputs[4], form)], path: "sum")[0]
    }
    if fuses {
      let counts = graph.rewrite([FuseConvolutionActivation()], keeping: [y])
      #expect(counts == ["fuse_convolution_activation": 1])
      let operations = Plan(graph, keeping: [y]).layers.map(\.operation)
      #expect(!operations.contains("batch_norm_apply"))
    }
    return [y]
  }

  private static func convolve(
    _ graph: Graph, _ z: Tensor, _ weight: Tensor, _ form: Form
  ) throws -> Tensor {
    try graph.emit(form.sizes.convolution(form.policy), [z, weight], path: "conv")[0]
  }

  @Test(arguments: ConvolutionPolicies.fusing.indices) func agrees(_ index: Int) throws {
    let form = ConvolutionPolicies.fusing[index]
    let sizes = form.sizes
    for (fixed, readers) in [(false, 1), (true, 1), (false, 2), (true, 2)] {
      let weights = [Shape](repeating: sizes.weight, count: readers)
      let shapes = [sizes.input, [sizes.c], [sizes.c]] + weights
      let inputs = shapes.enumerated().map { ($1, OpRun.floats($1.count, seed: UInt64($0))) }
      let seed = OpRun.floats(sizes.output.count, seed: 11)
      func run(fuses: Bool, threads: Int = 2, _ variant: VectorVariant) throws -> OpRun {
        try OpRun(inputs, seed: seed, threads: threads, variant: variant) {
          try Self.build($0, $1, form, fixed: fixed, readers: readers, fuses: fuses)
        }
      }
      for variant in VectorVariant.supported {
        let plain = try run(fuses: false, variant)
        let fused = try run(fuses: true, variant)
        // The same numbers enter the same products: values and the weight's gradient keep every bit.
        let same =
          fused.outputs[0] == plain.outputs[0] && fused.gradients[3...] == plain.gradients[3...]
        #expect(same, "\(variant)")
        for (found, expected) in zip(fused.gradients, plain.gradients) {
          let difference = relativeDifference(found, expected)
          #expect(difference < 3e-6, "\(variant)")
        }
        for threads in [1, 3, 5] {
          let same = try run(fuses: true, threads: threads, variant).bits == fused.bits
          #expect(same, "\(threads) threads")
        }
      }
    }
  }

  @Test func leavesWhatItMust() throws {
    let sizes = ConvolutionSizes.square(5, 5, c: 16, k: 16)
    func places(
      _ policy: ConvolutionPolicy = .automatic, rectifies: Bool = true, residual: Bool = false,
      _ more: (Graph, _ z: Tensor) throws -> [Tensor] = { _, _ in [] }
    ) throws -> Int? {
      let graph = Graph()
      let x = graph.input("x", TensorType(sizes.input))
      let weight = graph.input("weight", TensorType(sizes.weight))
      let channel = graph.input("channel", TensorType([16]))
      let z = try graph.emit(
        BatchNormApply(
          usesBatchStatistics: false, addsResidual: residual, rectifies: rectifies),
        [x, channel, channel, channel, channel] + (residual ? [x] : []), path: "bn")[0]
      let y = try graph.emit(sizes.convolution(policy), [z, weight], path: "conv")
      let kept = y + (try more(graph, z))
      return graph.rewrite([FuseConvolutionActivation()], keeping: kept)[
        "fuse_convolution_activation"]
    }
    #expect(try places() == 1)
    for policy in ConvolutionPolicies.plain { #expect(try places(policy) == 0) }
    #expect(try places(rectifies: false) == 0)
    #expect(try places(residual: true) == 0)
    // Kept; read by something else; read by a convolution as its weight, or by one that stays alone.
    #expect(try places { [$1] } == 0)
    #expect(try places { try $0.emit(Copy(), [$1], path: "copy") } == 0)
    #expect(
      try places {
        let weight = $0.input("other", TensorType(sizes.weight))
        return try $0.emit(sizes.convolution(.direct), [$1, weight], path: "direct")
      } == 0)
    #expect(
      try places {
        let picture = $0.input("picture", TensorType([1, 9, 9, 5]))
        return try $0.emit(Conv2D(padding: 2), [picture, $1], path: "weight")
      } == 0)
  }
}
