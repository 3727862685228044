import SegCore
import SegData
import SegLosses
import SegTestSupport
import SegTraining
import Testing

/// From pixel counts to the weights a run uses.
@Suite struct ClassWeightsTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try makeStreets(
      root: folder["data"], seed: 5, size: (height: 32, width: 48), counts: (3, 5, 0))
  }

  private func setup(
    _ terms: String, _ more: [String] = [], cache: LabelCountCache? = nil
  ) throws -> TrainingSetup {
    let text = """
      {
        "data": {"layout": "streets", "root": "\(folder["data"])", "size": [16, 24]},
        "model": {"architecture": "fcn", "backbone": "resnet18"},
        "loss": {"terms": \(terms)},
        "optimizer": {"type": "sgd", "lr": 0.01},
        "training": {"iterations": 2, "batch_size": 2}
      }
      """
    let loaded = try RunConfig.load(bytes: Array(text.utf8), name: "run.json", overrides: more)
    return try TrainingSetup(loaded, threads: 1, cache: cache)
  }

  private static func term(_ weights: String) -> String {
    "{\"type\": \"cross_entropy\", \"class_weights\": \(weights)}"
  }

  @Test func countsTheTrainingSplit() throws {
    let setup = try setup("[\(Self.term(#""effective""#))]")
    let dataset = try FileDataset(setup.config.data, split: "train")
    var counts = [Int](repeating: 0, count: 256)
    for index in 0..<dataset.count {
      for value in try dataset.load(at: index).label.pixels { counts[Int(value)] += 1 }
    }
    let pixels = Array(counts.prefix(dataset.classes.count))
    #expect(setup.counts == LabelCounts(training: pixels))
    let expected = try ClassWeightRule.effective(beta: 0.9999).weights(counts: pixels)
    #expect(setup.classWeights == [expected.map { Float($0) }])
  }

  /// As the recall repository does: batches of the training's size, their first images, at the network's size.
  @Test(arguments: [DataConfig.Resize.pil, .opencv])
  func countsTheFirstOfEachValidationBatch(_ resize: DataConfig.Resize) throws {
    let weights = #"{"rule": "effective", "variant": "recall_code"}"#
    let setup = try setup("[\(Self.term(weights))]", ["data.resize=\(resize.rawValue)"])
    let dataset = try FileDataset(setup.config.data, split: "val")
    var counts = [Int](repeating: 0, count: 256)
    for index in [0, 2, 4] {
      let label = try dataset.load(at: index).label.resized(
        to: PixelSize(height: 16, width: 24), by: resize)
      for value in label.pixels { counts[Int(value)] += 1 }
    }
    let pixels = Array(counts.prefix(dataset.classes.count))
    #expect(setup.counts.firstOfBatch == pixels)
    let expected = try ClassWeightRule.effective(beta: nil).weights(counts: pixels)
    #expect(setup.classWeights == [expected.map { Float($0) }])
  }

  @Test func theSchedulingCodeDropsWeightsOfASingleTerm() throws {
    let term = Self.term(#"{"rule": "inverse_mean1", "variant": "scheduling_code"}"#)
    #expect(try setup("[\(term)]").classWeights == [nil])
    let two = try setup("[\(term), {\"type\": \"recall\"}]")
    let expected = try ClassWeightRule.inverseMean1.weights(counts: two.counts.training)
    #expect(two.classWeights == [expected.map { Float($0) }, nil])
  }

  @Test func deferredWeightsNeedNoKey() throws {
    let setup = try setup(#"[{"type": "ldam", "drw_start": 0.8}, {"type": "ldam"}]"#)
    let expected = try ClassWeightRule.effective(beta: 0.9999).weights(
      counts: setup.counts.training)
    #expect(setup.classWeights == [expected.map { Float($0) }, nil])
  }

  @Test func aSecondRunDoesNotCount() throws {
    let cache = LabelCountCache(folder: folder["cache"], settling: 0)
    let weights = #"{"rule": "median", "variant": "recall_code"}"#
    let runs = try (0..<2).map { _ in try setup("[\(Self.term(weights))]", cache: cache) }
    #expect(runs.map(\.countsAreRemembered) == [false, true])
    #expect(runs[0].counts == runs[1].counts && runs[0].classWeights == runs[1].classWeights)
    #expect(runs[0].statistics == runs[1].statistics)

    // A label that is no longer sound is found at the next start, not remembered as sound.
    let dataset = try FileDataset(runs[0].config.data, split: "train")
    try AtomicFile.write("no picture", to: dataset.labelPath(at: 1))
    let failure = #expect(throws: Failure.self) {
      _ = try setup("[\(Self.term(weights))]", cache: cache)
    }
    #expect(failure?.status == .badData)
  }
}
