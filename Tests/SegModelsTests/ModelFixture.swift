import SegCore
import SegEngine
import SegModels
import SegNN
import SegTestSupport
import Testing

/// A declared network, to be traced.
struct ModelFixture {
  let declarations = Declarations()
  let model: SegmentationModel

  var store: ParameterStore { declarations.store }

  init(
    _ architecture: Architecture, backbone: Backbone = .resnet18, classes: Int = 11,
    outputStride: Int = 16, auxHead: Bool = false
  ) {
    model = SegmentationModel(
      Scope(declarations),
      ModelOptions(
        architecture: architecture, backbone: backbone, classes: classes,
        outputStride: outputStride, hasAuxiliaryHead: auxHead))
  }

  /// As a golden names it.
  init(_ golden: GoldenNames.Network, classes: Int) throws {
    let architecture = try #require(Architecture.named(golden.architecture))
    self.init(architecture, classes: classes, auxHead: golden.auxHead)
  }

  func trace(
    _ input: Shape, _ mode: Mode = .inference
  ) throws(ShapeError) -> (graph: Graph, output: SegmentationOutput) {
    let graph = Graph(mode)
    return (graph, try model(graph.input("image", TensorType(input))))
  }
}
