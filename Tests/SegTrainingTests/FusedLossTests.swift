import SegCore
import SegEngine
import SegLosses
import SegModels
import SegNN
import SegTraining
import Testing

/// Full-resolution logits are stored only where somebody wants them.
@Suite struct FusedLossTests {
  private static let losses: [any SegmentationLoss] = [
    CrossEntropy(), RecallLoss(), RecallLoss(variant: .recallCode),
  ]

  private func operations(_ plan: Plan, of path: String) -> [String] {
    plan.layers.filter { $0.path.hasPrefix(path) }.map(\.operation)
  }

  /// Losses over a map of pixels share one operation.
  @Test func pixelLossesStoreNoLogitsOfTheInputsSize() throws {
    let losses: [any SegmentationLoss] = [
      FocalLoss(), OHEMLoss(), LossMaxPooling(), RecallLoss(focalGamma: 1),
    ]
    for loss in losses {
      let network = SmallTraining.network()
      let training = try SmallTraining.plan(
        network, loss, trainable: network.store.parameters)
      let operations = training.plan.layers.map(\.operation)
      #expect(operations.filter { $0 == "resized_pixel_losses" }.count == 2)
      for head in ["classifier", "aux_classifier"] {
        let rest = training.plan.layers.filter { $0.path == head }.map(\.operation)
        #expect(!rest.contains { $0.contains("bilinear") }, "\(loss)")
      }
    }
  }

  @Test(arguments: 0..<3) func trainingStoresNoLogitsOfTheInputsSize(_ index: Int) throws {
    let network = SmallTraining.network()
    let training = try SmallTraining.plan(
      network, Self.losses[index], trainable: network.store.parameters)
    let loss = operations(training.plan, of: "loss.")
    // For the head and the auxiliary head.
    #expect(loss.filter { $0 == "resized_cross_entropy" }.count == 2)
    #expect(loss.filter { $0 == "resized_recall_weights" }.count == (index == 0 ? 0 : 2))
    for head in ["classifier", "aux_classifier"] {
      let rest = training.plan.layers.filter { $0.path == head }.map(\.operation)
      #expect(!rest.contains { $0.contains("bilinear") })
    }
    #expect(!loss.contains("pixel_cross_entropy") && !loss.contains("recall_weights"))
  }

  /// As an evaluation that scores the loss does.
  @Test(arguments: 0..<3) func evaluationKeepsLogits(_ index: Int) throws {
    let network = SmallTraining.network()
    let builder = LossBuilder(
      LossConfig(terms: [LossTermConfig(Self.losses[index])]), auxiliaryWeight: 0.5,
      classes: network.options.classes, ignoreIndex: 255, classWeights: [nil])
    let graph = Graph(.inference)
    let output = try network.model(graph.input("image", TensorType([1, 33, 49, 3])))
    let labels = graph.input("labels", TensorType([1, 33, 49], .uint8))
    let kept = [output.logits, try builder.trace(output, labels: labels).total]
    let counts = graph.rewrite(RewriteRules.inference, keeping: kept)
    #expect(counts["fuse_resized_cross_entropy"] == 0)
    #expect(counts["fuse_resized_recall_weights"] == 0)
    let loss = operations(Plan(graph, keeping: kept), of: "loss.")
    #expect(loss.contains("pixel_cross_entropy"))
  }
}
