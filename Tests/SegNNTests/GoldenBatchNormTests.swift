import SegCore
import SegEngine
import SegNN
import SegTestSupport
import Testing

/// The batch normalisation layer against PyTorch: three training steps, evaluation with what they left, and one pixel
/// an image; one of the channels is constant.
@Suite struct GoldenBatchNormTests {
  @Test func followsPyTorch() throws {
    let cases = try GoldenLayers.cases("batch_norm")
    #expect(cases.map { $0.attributes["training"] } == [1, 1, 1, 0, 1])
    for golden in cases {
      #expect(golden.attributes["eps"] == BatchNorm2d.epsilon)
      #expect(golden.attributes["momentum"] == BatchNorm2d.momentum)
      let declarations = Declarations()
      let layer = BatchNorm2d(Scope(declarations), 3)
      let isTraining = golden.attributes["training"] == 1
      let run = try GoldenLayerRun(
        golden, store: declarations.store, mode: isTraining ? .training : .inference
      ) { try layer($0) }
      let pixels = try #require(golden.inputs["input"]).values.count / 3
      run.check(terms: pixels, gradientTerms: pixels)
      let counter = try #require(declarations.store.buffers.last)
      #expect(counter.name == "num_batches_tracked")
      #expect(declarations.store.counter(counter) == (isTraining ? 1 : 0))
    }
  }
}
