import SegCore
import SegEngine
import SegModels
import SegNN
import SegTestSupport
import Testing

/// ResNets other than 18 have torchvision's names, order, sizes and dilations.
@Suite struct BackboneTests {
  @Test(arguments: 0..<30) func equalsPyTorch(_ index: Int) throws {
    let goldens: GoldenBackbones = try GoldenFile.load("backbone_names")
    let golden = goldens.networks[index]
    let store = try fixture(golden).store
    let found = store.keys.map { key in
      switch key {
      case .parameter(let parameter): "\(parameter.name) float32\(parameter.filedShape) learned"
      case .buffer(let buffer): "\(buffer.name) \(buffer.type)"
      }
    }
    for (found, expected) in zip(found, golden.lines ?? []) { #expect(found == expected) }
    #expect(found.count == golden.entries)
    #expect(store.parameterCount == golden.parameters)
    #expect(SHA256.hash(found.flatMap { Array("\($0)\n".utf8) }) == golden.sha256)
  }

  @Test func allAreCovered() throws {
    let goldens: GoldenBackbones = try GoldenFile.load("backbone_names")
    let found = goldens.networks.map { "\($0.backbone) \($0.architecture) \($0.auxHead)" }
    let expected = Backbone.allCases.dropFirst().flatMap { backbone in
      Architecture.all.flatMap { architecture in
        [false, true].map { "\(backbone.rawValue) \(architecture.name) \($0)" }
      }
    }
    #expect(found == expected)
    #expect(goldens.networks.count { $0.lines?.count == $0.entries } == 2)
  }

  private func fixture(_ golden: GoldenBackbones.Network) throws -> ModelFixture {
    ModelFixture(
      try #require(Architecture.named(golden.architecture)),
      backbone: try #require(Backbone(rawValue: golden.backbone)), classes: golden.classes,
      auxHead: golden.auxHead)
  }

  /// By output stride: stride of layer3 and layer4, and the dilations of their first and other blocks.
  struct Dilations: Sendable {
    var outputStride: Int
    var strides: [Int]
    var first, others: [Int]
  }

  /// What torchvision's `_make_layer` does with `replace_stride_with_dilation`.
  static let bottlenecks = [
    Dilations(outputStride: 8, strides: [1, 1], first: [1, 2], others: [2, 4]),
    Dilations(outputStride: 16, strides: [2, 1], first: [1, 1], others: [1, 2]),
    Dilations(outputStride: 32, strides: [2, 2], first: [1, 1], others: [1, 1]),
  ]

  @Test(arguments: bottlenecks) func bottlenecksKeepTheFirstBlocksDilation(
    _ expected: Dilations
  ) throws {
    for backbone in [Backbone.resnet50, .resnet101] {
      let convolutions = try convolutions(backbone, expected.outputStride)
      for stage in 0..<2 {
        let blocks = convolutions.filter {
          $0.path.hasPrefix("backbone.layer\(stage + 3).") && $0.path.hasSuffix("conv2")
        }
        for (block, entry) in blocks.enumerated() {
          let dilation = block == 0 ? expected.first[stage] : expected.others[stage]
          #expect(entry.op.dilation == dilation && entry.op.padding == dilation, "\(entry.path)")
          #expect(entry.op.stride == (block == 0 ? expected.strides[stage] : 1), "\(entry.path)")
        }
        let shortcut = try #require(
          convolutions.first { $0.path == "backbone.layer\(stage + 3).0.downsample.0" })
        #expect(shortcut.op.stride == expected.strides[stage])
      }
      let pointwise = convolutions.filter {
        $0.path.contains(".layer") && ($0.path.hasSuffix("conv1") || $0.path.hasSuffix("conv3"))
      }
      #expect(pointwise.allSatisfy { $0.op.stride == 1 && $0.op.padding == 0 })
    }
  }

  @Test func basicBlocksAreDilatedAsAWhole() throws {
    for (path, op) in try convolutions(.resnet34, 8) where op.padding > 0 {
      if path.hasPrefix("backbone.layer3") { #expect(op.dilation == 2, "\(path)") }
      if path.hasPrefix("backbone.layer4") { #expect(op.dilation == 4, "\(path)") }
    }
  }

  /// Every block of the recall repository's stages has the stage's dilation, and layer4's 1, 2 and 4 times it.
  @Test(arguments: [
    (8, [1, 1], [2, 2], [4, 8, 16]), (16, [2, 1], [1, 1], [2, 4, 8]),
    (32, [2, 2], [1, 1], [1, 2, 4]),
  ])
  func multiGrid(
    _ outputStride: Int, _ strides: [Int], _ third: [Int], _ fourth: [Int]
  ) throws {
    let convolutions = try convolutions(.resnet18Bottleneck, outputStride)
    for (stage, dilations) in [third, fourth].enumerated() {
      let blocks = convolutions.filter {
        $0.path.hasPrefix("backbone.layer\(stage + 3).") && $0.path.hasSuffix("conv2")
      }
      #expect(blocks.map(\.op.dilation) == dilations)
      #expect(blocks.map(\.op.padding) == dilations)
      #expect(blocks.map(\.op.stride) == dilations.indices.map { $0 == 0 ? strides[stage] : 1 })
    }
  }

  /// The published sizes of the recall repository's networks.
  @Test(arguments: [
    (Backbone.resnet18Bottleneck, 16, 35_251_632, 248), (.resnet18Bottleneck, 19, 35_252_403, 248),
    (.resnet101, 16, 59_343_024, 680), (.resnet101, 19, 59_343_795, 680),
  ])
  func recallRepository(
    _ backbone: Backbone, _ classes: Int, _ parameters: Int, _ keys: Int
  ) {
    let store = ModelFixture(.deepLabV3Plus, backbone: backbone, classes: classes).store
    #expect(store.parameterCount == parameters)
    #expect(store.keys.count == keys)
  }

  @Test(arguments: Backbone.allCases) func channelsOfTheHeads(_ backbone: Backbone) throws {
    let fixture = ModelFixture(.fcn, backbone: backbone, outputStride: 8, auxHead: true)
    let (graph, output) = try fixture.trace([2, 33, 48, 3], .training)
    #expect(output.auxiliary?.shape == [2, 33, 48, 11])
    let layers = Plan(graph, keeping: [output.logits]).layers
    let channels = backbone == .resnet18 || backbone == .resnet34 ? 512 : 2048
    #expect(layers.last { $0.path.hasPrefix("backbone") }?.output == [2, 5, 6, channels])
  }

  /// A benchmark's stack is the network's own layer3 and layer4.
  @Test(arguments: BottleneckStack.backbones) func stackIsPartOfTheNetwork(
    _ backbone: Backbone
  ) throws {
    let declarations = Declarations()
    let stack = BottleneckStack(Scope(declarations) / "backbone", backbone)
    let graph = Graph(.inference)
    let image = graph.input("image", TensorType([1, 9, 9, BottleneckStack.inputChannels]))
    let output = try stack(image)
    #expect(output.shape == [1, 9, 9, 2048])
    let found = Plan(graph, keeping: [output]).steps.compactMap { step in
      (step.op as? Conv2D).map { Layer(step.path, $0) }
    }
    let expected = try convolutions(backbone, 8).map { Layer($0.path, $0.op) }
    #expect(
      found
        == expected.filter {
          $0.path.hasPrefix("backbone.layer3") || $0.path.hasPrefix("backbone.layer4")
        })
    let parameters = ModelFixture(.fcn, backbone: backbone, outputStride: 8).store.parameters
    #expect(
      declarations.store.parameters.map { "\($0.name) \($0.shape)" }
        == parameters.filter { $0.name.contains(".layer3.") || $0.name.contains(".layer4.") }
        .map { "\($0.name) \($0.shape)" })
  }

  private struct Layer: Equatable {
    var path: String
    var stride, padding, dilation: Int

    init(_ path: String, _ op: Conv2D) {
      self.path = path
      (stride, padding, dilation) = (op.stride, op.padding, op.dilation)
    }
  }

  private func convolutions(
    _ backbone: Backbone, _ outputStride: Int
  ) throws -> [(path: String, op: Conv2D)] {
    let fixture = ModelFixture(.fcn, backbone: backbone, outputStride: outputStride)
    let (graph, output) = try fixture.trace([1, 65, 65, 3])
    return Plan(graph, keeping: [output.logits]).steps.compactMap { step in
      (step.op as? Conv2D).map { (step.path, $0) }
    }
  }
}
