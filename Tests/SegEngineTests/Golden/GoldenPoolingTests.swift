import SegCore
import SegEngine
import SegTestSupport
import Testing

/// Pooling against PyTorch; of equal values in a window the first gets the gradient.
@Suite struct GoldenPoolingTests {
  @Test func followsPyTorch() throws {
    var left: [String] = []
    for golden in try GoldenLayers.cases("pooling") {
      let input = try #require(golden.inputs["input"])
      switch golden.op {
      case "max_pool2d":
        let op = MaxPool(
          kernel: Int(try #require(golden.attributes["kernel"])),
          stride: Int(try #require(golden.attributes["stride"])),
          padding: Int(try #require(golden.attributes["padding"])))
        // Up to four windows share a pixel.
        try GoldenLayerRun(golden) { try $0.graph.emit(op, [$0], path: "pool")[0] }
          .check(terms: 1, gradientTerms: 4)
      case "adaptive_avg_pool2d" where golden.name == "global":
        try GoldenLayerRun(golden) { try $0.graph.emit(GlobalAveragePool(), [$0], path: "pool")[0] }
          .check(terms: input.shape[2] * input.shape[3], gradientTerms: 1)
      default: left.append(golden.name)
      }
    }
    // Averages over parts of a picture are for a pyramid pooling head.
    #expect(left == ["2x3 of 5x7"])
  }
}
