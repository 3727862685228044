import Glibc
import SegCore
import SegEngine
import SegLosses
import SegModels
import SegNN
import SegTestSupport
import SegTraining
import Testing

/// One training step of a DeepLabV3 in its real widths, on pictures large enough for every algorithm.
@Suite(.serialized) struct ConvolutionBitsTests {
  private static let sizes = (batch: 2, height: 129, width: 193)

  private struct Step {
    let plan: Plan
    let loss: Float
    let gradients: [Float]
    let buffers: [[UInt8]]

    init(
      _ convolution: EngineConfig.Convolution, threads: Int, variant: VectorVariant = .current
    ) throws {
      let sizes = ConvolutionBitsTests.sizes
      let network = Network(ModelOptions(architecture: .deepLabV3, classes: 11))
      let training = try SmallTraining.plan(
        network, trainable: network.store.parameters,
        engine: EngineConfig(convolution: convolution), batch: sizes.batch,
        height: sizes.height, width: sizes.width)
      plan = training.plan
      try network.store.reserve(gradients: true)
      network.declarations.initialize(seed: 3)
      let executor = try Executor(
        plan, store: network.store, pool: ThreadPool(threads: threads, variant: variant))
      var rng = CounterRNG(seed: 1, stream: 2)
      let (image, labels) = (executor.input("image"), executor.input("labels", as: UInt8.self))
      for index in image.indices { image[index] = Float(rng.uniform(-2, 2)) }
      for index in labels.indices { labels[index] = UInt8(rng.integer(in: 0..<11)) }
      executor.run(StepContext())
      loss = executor.contents(of: training.loss)[0]
      gradients = Array(network.store.flatGradients)
      buffers = network.store.buffers.map { Array(network.store.bytes(of: $0)) }
    }

    /// How many convolutions run by each algorithm; those of more than 160 channels share their work.
    var algorithms: [String: Int] {
      var counts: [String: Int] = [:]
      for step in plan.steps {
        guard let op = step.op as? Conv2D else { continue }
        let (input, weight) = (
          plan.types[step.inputs[0].index].shape, plan.types[step.inputs[1].index].shape
        )
        let isShared = max(weight[2], weight[3]) > 160
        let name = op.algorithm(input: input, weight: weight).name
        counts[name.hasPrefix("winograd") && isShared ? "\(name), shared" : name, default: 0] += 1
      }
      return counts
    }
  }

  @Test(arguments: [EngineConfig.Convolution.auto, .direct])
  func anyNumberOfThreads(_ convolution: EngineConfig.Convolution) throws {
    let expected = try Step(convolution, threads: 1)
    #expect(expected.loss.isFinite)
    if convolution == .auto {
      for name in ["winograd", "winograd, shared", "winograd exact, shared", "gathered"] {
        #expect(expected.algorithms[name, default: 0] > 0, "\(name): \(expected.algorithms)")
      }
    } else {
      #expect(Set(expected.algorithms.keys) == ["direct"])
    }
    for threads in [2, 3, 5] {
      let found = try Step(convolution, threads: threads)
      #expect(found.loss.bitPattern == expected.loss.bitPattern, "\(threads) threads")
      let same = memcmp(
        found.gradients, expected.gradients, expected.gradients.count * MemoryLayout<Float>.size)
      #expect(same == 0 && found.buffers == expected.buffers, "\(threads) threads")
    }
  }

  /// Both have fused multiply-add and take the same sums in the same order.
  @Test(.enabled(if: VectorVariant.supported.contains(.avx512)))
  func sameBitsWithAVX2AndAVX512() throws {
    let narrow = try Step(.auto, threads: 2, variant: .avx2)
    let wide = try Step(.auto, threads: 2, variant: .avx512)
    #expect(narrow.loss.bitPattern == wide.loss.bitPattern)
    #expect(narrow.buffers == wide.buffers)
    let same = memcmp(
      narrow.gradients, wide.gradients, wide.gradients.count * MemoryLayout<Float>.size)
    #expect(same == 0)
  }
}
