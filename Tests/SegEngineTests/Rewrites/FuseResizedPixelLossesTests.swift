import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct FuseResizedPixelLossesTests {
  private let graph = Graph()
  private let z, y: Tensor

  init() {
    z = graph.input("logits", TensorType([2, 5, 6, 7]))
    y = graph.input("labels", TensorType([2, 20, 24], .uint8))
  }

  private func resized() throws -> Tensor {
    let op = ResizeBilinear(height: 20, width: 24, alignCorners: false)
    return try graph.emit(op, [z], path: "up")[0]
  }

  private func losses(_ logits: Tensor) throws -> Tensor {
    try graph.emit(PixelLosses(ignoreIndex: 255), [logits, y], path: "loss")[0]
  }

  private func weights(_ logits: Tensor) throws -> Tensor {
    let op = RecallWeights(ignoreIndex: 255, variant: .paper)
    return try graph.emit(op, [logits, y], path: "loss")[0]
  }

  private func rewrite(keeping kept: [Tensor]) -> [String: Int] {
    graph.rewrite([FuseResizedRecallWeights(), FuseResizedPixelLosses()], keeping: kept)
  }

  private func operations(keeping kept: [Tensor]) -> [String] {
    Plan(graph, keeping: kept).layers.map(\.operation)
  }

  @Test func replacesThePair() throws {
    let losses = try losses(resized())
    #expect(rewrite(keeping: [losses])["fuse_resized_pixel_losses"] == 1)
    #expect(operations(keeping: [losses]) == ["resized_pixel_losses"])
  }

  /// As a recall loss with focal weights has it.
  @Test func sharesTheLogitsWithWeights() throws {
    let logits = try resized()
    let kept = [try losses(logits), try weights(logits)]
    let expected = ["fuse_resized_pixel_losses": 1, "fuse_resized_recall_weights": 1]
    #expect(rewrite(keeping: kept) == expected)
    #expect(
      operations(keeping: kept).sorted() == ["resized_pixel_losses", "resized_recall_weights"])
  }

  @Test func leavesWhatOthersReadOrKeep() throws {
    let kept = try resized()
    let shared = try resized()
    let outputs = [
      kept, try losses(kept), try losses(shared), try graph.emit(ReLU(), [shared], path: "a")[0],
    ]
    #expect(rewrite(keeping: outputs)["fuse_resized_pixel_losses"] == 0)
  }
}
