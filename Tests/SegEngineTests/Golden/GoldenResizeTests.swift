import SegCore
import SegEngine
import SegTestSupport
import Testing

/// Bilinear interpolation against PyTorch, corners aligned or not: larger, smaller, from and to one pixel.
@Suite struct GoldenResizeTests {
  @Test func followsPyTorch() throws {
    let cases = try GoldenLayers.cases("interpolate")
    #expect(cases.count == 16)
    for golden in cases {
      let op = ResizeBilinear(
        height: Int(try #require(golden.attributes["height"])),
        width: Int(try #require(golden.attributes["width"])),
        alignCorners: golden.attributes["align_corners"] == 1)
      let input = try #require(golden.inputs["input"]).shape
      let run = try GoldenLayerRun(golden) { try $0.graph.emit(op, [$0], path: "resize")[0] }
      // The place between two pixels is a float32: a rounding of the coordinate is one of the weight, too.
      let slack = Double(max(input[2], input[3]))
      let output = try #require(golden.outputs["output"]).shape
      let shared = output[2] * output[3] / (input[2] * input[3]) + 1
      run.check(terms: 4, gradientTerms: 4 * shared, slack: slack)
    }
  }
}
