import SegCore
import SegEngine
import SegModels
import SegTestSupport
import Testing

/// Work and size of every network equal what hooks count in PyTorch.
@Suite struct MultiplyAddsTests {
  @Test func equalPyTorchs() throws {
    let golden: GoldenMultiplyAdds = try GoldenFile.load("multiply_adds")
    // Every head on every backbone, at three output strides and two sizes.
    #expect(golden.networks.count == Architecture.all.count * Backbone.allCases.count * 6)
    for expected in golden.networks {
      let fixture = ModelFixture(
        try #require(Architecture.named(expected.architecture)),
        backbone: try #require(Backbone(rawValue: expected.backbone)), classes: golden.classes,
        outputStride: expected.outputStride, auxHead: true)
      let graph = Graph(.inference)
      let image = graph.input("image", TensorType([1, expected.height, expected.width, 3]))
      let output = try fixture.model(image, withAuxiliary: true)
      var (network, auxiliary) = (0, 0)
      for layer in Plan(graph, keeping: [output.logits, try #require(output.auxiliary)]).layers {
        if layer.path.hasPrefix("aux_classifier") {
          auxiliary += layer.multiplyAdds
        } else {
          network += layer.multiplyAdds
        }
      }
      let place = "\(expected)"
      #expect(network == expected.multiplyAdds, "\(place)")
      #expect(auxiliary == expected.auxiliaryMultiplyAdds, "\(place)")
      #expect(
        fixture.store.parameterCount == expected.parameters + expected.auxiliaryParameters,
        "\(place)")
    }
  }
}
