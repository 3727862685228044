import FoundationEssentials
import SegCore
import SegEngine
import SegLosses
import Testing

@Suite struct SegmentationLossTests {
  @Test func tableHasEveryKindOnce() {
    #expect(
      lossKinds.map(\.name) == [
        "cross_entropy", "focal", "ldam", "recall", "precision", "ohem", "loss_max_pooling", "dice",
        "generalized_dice", "soft_iou", "tversky", "lovasz_softmax",
      ])
  }

  /// A loss whose line in the table was forgotten could not be chosen.
  @Test func tableHasEveryFile() throws {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = package.appending(path: "Sources/SegLosses/Losses").path
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
      guard $0.hasSuffix(".swift") else { return false }
      let text = try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)
      return text.contains(": SegmentationLoss {")
    }
    #expect(files.count == lossKinds.count, "files with a loss: \(files.sorted())")
  }

  @Test func namesTheMissingClass() throws {
    let graph = Graph()
    let logits = graph.input("logits", TensorType([2, 4, 4, 5]))
    let labels = graph.input("labels", TensorType([2, 4, 4], .uint8))
    for loss: any SegmentationLoss in [
      CrossEntropy(), FocalLoss(), FocalLoss(variant: .recallCode), RecallLoss(),
      PrecisionLoss(), OHEMLoss(), LossMaxPooling(), Dice(), LovaszSoftmax(),
    ] {
      let error = #expect(throws: ShapeError.self) {
        _ = try loss.trace(logits: logits, labels: labels, context: LossFixture.context())
      }
      #expect(
        error?.description
          == "loss: \(type(of: loss).name): logits have a channel for each of 3 classes, found float32[2, 4, 4, 5]"
      )
    }
  }
}
