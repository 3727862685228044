import FoundationEssentials
import SegCore
import SegEngine
import SegLosses
import Testing

@Suite struct SegmentationLossTests {
  @Test func tableHasEveryKindOnce() {
    #expect(segmentationLosses.map { $0.kind } == ["cross_entropy", "recall"])
  }

  /// A loss whose line in the table was forgotten could not be chosen.
  @Test func tableHasEveryFile() throws {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = package.appending(path: "Sources/SegLosses").path
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
      guard $0.hasSuffix(".swift") else { return false }
      let text = try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)
      return text.contains(": SegmentationLoss {")
    }
    #expect(files.sorted() == segmentationLosses.map { "\($0).swift" }.sorted())
  }

  @Test func namesTheMissingClass() throws {
    let graph = Graph()
    let logits = graph.input("logits", TensorType([2, 4, 4, 5]))
    let labels = graph.input("labels", TensorType([2, 4, 4], .uint8))
    for (loss, kind): (any SegmentationLoss, String) in [
      (try CrossEntropy(LossFixture.context()), "cross_entropy"),
      (try Recall(LossFixture.context(), variant: .paper), "recall"),
    ] {
      let error = #expect(throws: ShapeError.self) {
        _ = try loss(logits: logits, labels: labels, path: "loss.0")
      }
      #expect(
        error?.description
          == "loss.0: \(kind): logits have a channel for each of 3 classes, found float32[2, 4, 4, 5]"
      )
    }
  }
}
