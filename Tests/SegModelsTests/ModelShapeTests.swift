import SegCore
import SegEngine
import SegModels
import Testing

@Suite struct ModelShapeTests {
  /// Sizes of the feature maps after each stage, and the dilation of its convolutions (He et al. 2016; Chen et al. 2017).
  struct Stride: Sendable {
    var outputStride: Int
    /// Input pixels per pixel after layer1 … layer4.
    var strides: [Int]
    /// Of both convolutions of every block but the first of a stage.
    var dilations: [Int]
  }

  static let strides = [
    Stride(outputStride: 8, strides: [4, 8, 8, 8], dilations: [1, 1, 2, 4]),
    Stride(outputStride: 16, strides: [4, 8, 16, 16], dilations: [1, 1, 1, 2]),
    Stride(outputStride: 32, strides: [4, 8, 16, 32], dilations: [1, 1, 1, 1]),
  ]

  @Test(arguments: strides) func featureSizes(_ stride: Stride) throws {
    let fixture = ModelFixture(.fcn, outputStride: stride.outputStride)
    let (height, width) = (97, 130)
    let (graph, output) = try fixture.trace([1, height, width, 3])
    let plan = Plan(graph, keeping: [output.logits])
    for stage in 1...4 {
      let layers = plan.layers.filter { $0.path.hasPrefix("backbone.layer\(stage).1") }
      let step = stride.strides[stage - 1]
      let expected: Shape = [1, (height - 1) / step + 1, (width - 1) / step + 1, 32 << stage]
      #expect(layers.last?.output == expected, "layer\(stage)")
      for entry in plan.steps where entry.path.hasPrefix("backbone.layer\(stage).1.conv") {
        let convolution = try #require(entry.op as? Conv2D)
        #expect(convolution.dilation == stride.dilations[stage - 1], "\(entry.path)")
        #expect(convolution.padding == convolution.dilation && convolution.stride == 1)
      }
    }
  }

  @Test(arguments: [(8, [12, 24, 36]), (16, [6, 12, 18]), (32, [3, 6, 9])])
  func pyramidRates(_ outputStride: Int, _ rates: [Int]) throws {
    for (architecture, prefix) in [
      (Architecture.deepLabV3, "classifier.0.convs."), (.deepLabV3Plus, "aspp."),
    ] {
      let fixture = ModelFixture(architecture, outputStride: outputStride)
      let (graph, output) = try fixture.trace([1, 65, 65, 3])
      let found = Plan(graph, keeping: [output.logits]).steps.compactMap { step -> Int? in
        guard step.path.hasPrefix(prefix), let convolution = step.op as? Conv2D,
          convolution.padding > 0
        else { return nil }
        return convolution.dilation
      }
      #expect(found == rates)
    }
  }

  /// Corners are aligned in all resizes of DeepLabV3+, and in none of torchvision's networks.
  @Test(arguments: Architecture.all) func corners(_ architecture: Architecture) throws {
    let fixture = ModelFixture(architecture, auxHead: true)
    let (graph, output) = try fixture.trace([2, 65, 65, 3], .training)
    let kept = [output.logits, try #require(output.auxiliary)]
    let resizes = Plan(graph, keeping: kept).steps.compactMap { $0.op as? ResizeBilinear }
    // From one pixel there is nothing to align.
    let aligned = resizes.filter(\.alignCorners).count
    #expect(aligned == (architecture.name == "deeplabv3plus" ? 3 : 0))
    #expect(resizes.count == ["deeplabv3": 3, "deeplabv3plus": 4, "fcn": 2][architecture.name])
  }

  @Test func dropoutOfTheHeads() throws {
    for (architecture, expected) in [
      (Architecture.deepLabV3, [0.5]), (.deepLabV3Plus, [0.5, 0.5, 0.1]), (.fcn, [0.1]),
    ] {
      let (graph, output) = try ModelFixture(architecture).trace([2, 65, 65, 3], .training)
      let found = Plan(graph, keeping: [output.logits]).steps.compactMap {
        ($0.op as? Dropout)?.probability
      }
      #expect(found == expected)
    }
  }

  static let sizes: [(Int, Int)] = [
    (1, 1), (2, 3), (7, 5), (16, 16), (33, 47), (64, 97), (61, 128), (360, 481),
  ]

  @Test(arguments: sizes) func logitsHaveTheInputsSize(_ height: Int, _ width: Int) throws {
    for architecture in Architecture.all {
      for outputStride in [8, 16, 32] {
        let fixture = ModelFixture(
          architecture, classes: 5, outputStride: outputStride, auxHead: true)
        let inference = try fixture.trace([1, height, width, 3]).output
        #expect(inference.logits.type == TensorType([1, height, width, 5]))
        #expect(inference.auxiliary == nil)
        let training = try fixture.trace([2, height, width, 3], .training).output
        #expect(training.logits.type == TensorType([2, height, width, 5]))
        #expect(training.auxiliary?.type == TensorType([2, height, width, 5]))
      }
    }
  }

  @Test func noAuxiliaryLogitsWithoutAuxiliaryHead() throws {
    let training = try ModelFixture(.fcn).trace([2, 32, 32, 3], .training).output
    #expect(training.auxiliary == nil)
  }

  /// The pooled branch has one value a channel: its variance does not exist for a batch of 1.
  @Test func aBatchOfOneCannotTrain() throws {
    let error = #expect(throws: ShapeError.self) {
      try ModelFixture(.deepLabV3).trace([1, 64, 64, 3], .training)
    }
    #expect(
      error?.description
        == "classifier.0.convs.4.2: batch_norm_statistics: one value per channel in training "
        + "(input [1, 1, 1, 256], as after global pooling of a batch of 1); use batch_size ≥ 2")
    // Fine in inference, with fixed statistics, and without such a branch.
    let fixture = ModelFixture(.deepLabV3)
    _ = try fixture.trace([1, 64, 64, 3])
    let pooled = fixture.store.parameters.filter { $0.name.hasPrefix("classifier.0.convs.4") }
    _ = try fixture.trace([1, 64, 64, 3], .training(fixingStatisticsOf: pooled))
    _ = try ModelFixture(.fcn).trace([1, 64, 64, 3], .training)
  }

  @Test func otherInputsAreExplained() {
    let error = #expect(throws: ShapeError.self) { try ModelFixture(.fcn).trace([1, 64, 64, 4]) }
    #expect(
      error?.description
        == "backbone.conv1: conv2d: input [1, 64, 64, 4] has 4 channels, weight [7, 7, 3, 64] "
        + "(R, S, C, K) expects 3")
  }
}
