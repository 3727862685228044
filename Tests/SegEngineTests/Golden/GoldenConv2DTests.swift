import SegCore
import SegEngine
import SegTestSupport
import Testing

/// Convolutions against PyTorch: strides, dilations, borders; values and all gradients.
@Suite struct GoldenConv2DTests {
  @Test func followsPyTorch() throws {
    let cases = try GoldenLayers.cases("conv2d")
    #expect(cases.count == 12)
    for golden in cases {
      let store = ParameterStore()
      let weightShape = Shape(try #require(golden.inputs["weight"]).shape)
      let weight = store.declareParameter("weight", weightShape, layout: .convolution)
      let bias = golden.inputs["bias"].map { store.declareParameter("bias", Shape($0.shape)) }
      let op = Conv2D(
        stride: Int(try #require(golden.attributes["stride"])),
        padding: Int(try #require(golden.attributes["padding"])),
        dilation: Int(try #require(golden.attributes["dilation"])), hasBias: bias != nil)
      let run = try GoldenLayerRun(golden, store: store) { x in
        let parameters = [weight] + (bias.map { [$0] } ?? [])
        return try x.graph.emit(
          op, [x] + parameters.map { x.graph.parameter($0) }, path: "conv")[0]
      }
      let pixels = try #require(golden.inputs["upstream"]).values.count / weightShape[0]
      run.check(terms: weightShape.count / weightShape[0], gradientTerms: pixels)
    }
  }
}
