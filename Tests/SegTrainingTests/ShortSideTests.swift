import SegCore
import SegData
import SegEngine
import SegMetrics
import SegModels
import SegNN
import SegTestSupport
import SegTraining
import Testing

/// `evaluation.short_side`: scored and predicted as if the pictures had been resized by hand.
@Suite struct ShortSideTests {
  private static let sizes = [(24, 40), (24, 40), (41, 25), (30, 30)].map {
    PixelSize(height: $0.0, width: $0.1)
  }
  private static let shortSide = 20

  private struct Pictures: SegmentationDataset {
    let classes = [ClassInfo("a", RGB(1, 2, 3)), ClassInfo("b", RGB(4, 5, 6))]
    let ignoreIndex: UInt8 = 255
    var count: Int { ShortSideTests.sizes.count }

    func imagePath(at index: Int) -> String { "image \(index)" }
    func labelPath(at index: Int) -> String { "label \(index)" }

    func load(at index: Int) -> Sample {
      let size = ShortSideTests.sizes[index]
      var image = Raster(height: size.height, width: size.width, color: RGB(0, 0, 0))
      var label = LabelMap(
        height: size.height, width: size.width,
        pixels: [UInt8](repeating: 0, count: size.height * size.width))
      for pixel in label.pixels.indices {
        let (y, x) = (pixel / size.width, pixel % size.width)
        label.pixels[pixel] = (x + 2 * y) % 9 == 0 ? 255 : UInt8((x / 7 + y / 5 + index) % 2)
        for c in 0..<3 {
          image.pixels[3 * pixel + c] = UInt8((37 * x + 11 * y * (c + 1) + 50 * index) % 256)
        }
      }
      return Sample(image: image, label: label)
    }
  }

  private func config(_ changes: [String] = []) throws -> RunConfig {
    try RunConfig.load(
      bytes: Array(Example.least.utf8), name: "least",
      overrides: ["evaluation.short_side=\(Self.shortSide)"] + changes
    ).config
  }

  private func runner() throws -> InferenceRunner {
    let network = Network(ModelOptions(architecture: .fcn, classes: 2))
    try network.store.reserve(gradients: false)
    network.declarations.initialize(seed: 3)
    return InferenceRunner(network, pool: ThreadPool(threads: 1))
  }

  /// What is predicted for pictures and labels that were resized before, counted pixel by pixel.
  private func expected(at scoreSize: EvaluationConfig.ScoreSize) throws -> [[Int64]] {
    let folder = try TemporaryFolder()
    let config = try config()
    let predictor = try Predictor(config.data, palette: Pictures().classes, runner: runner())
    let resizing = try Predictor(
      config.data, palette: Pictures().classes, runner: runner(), inputSize: config.inputSize)
    var counts = [[Int64]](repeating: [0, 0], count: 2)
    for index in 0..<Pictures().count {
      let sample = Pictures().load(at: index)
      let size = try config.inputSize.size(of: sample.size)
      #expect(min(size.height, size.width) == Self.shortSide)
      let isInput = scoreSize == .input
      let path = folder["\(index).png"]
      try PNGEncoder.write(isInput ? sample.image.resized(to: size) : sample.image, to: path)
      let written = try (isInput ? predictor : resizing).predict(
        path, stem: "map\(index)", into: folder.path, saving: [.index])
      let map = try ImageFile.readLabels(written[0])
      let label = isInput ? try sample.label.resized(to: size) : sample.label
      #expect(map.height == label.height && map.width == label.width)
      for (truth, prediction) in zip(label.pixels, map.pixels) where truth < 2 {
        counts[Int(truth)][Int(prediction)] += 1
      }
    }
    return counts
  }

  @Test(arguments: [EvaluationConfig.ScoreSize.input, .original], [1, 3])
  func scoresResizedPictures(_ scoreSize: EvaluationConfig.ScoreSize, _ batchSize: Int) throws {
    let config = try config([
      "evaluation.score_size=\(scoreSize.rawValue)", "evaluation.batch_size=\(batchSize)",
    ])
    let summary = try Evaluator(Pictures(), config).run(runner())
    let counts = (0..<2).map { truth in
      (0..<2).map { Int64(summary.confusion[truth: truth, prediction: $0]) }
    }
    #expect(try counts == expected(at: scoreSize))
    #expect(counts.allSatisfy { $0.reduce(0, +) > 0 })
  }

  /// The plan holds the largest resized picture, whatever the stored sizes.
  @Test func memoryIsThatOfResizedPictures() throws {
    let folder = try TemporaryFolder()
    try makeStreets(
      root: folder["data"], seed: 5, size: (height: 32, width: 48), counts: (2, 2, 0))
    func planned(_ changes: [String]) throws -> Int {
      let loaded = try RunConfig.load(
        bytes: Array(Example.least.utf8), name: "least",
        overrides: [
          "data.layout=streets", "data.root=\(folder["data"])", "training.batch_size=2",
          "augment.crop_size=[16,16]", "evaluation.score_size=input",
        ] + changes)
      return try TrainingSetup(loaded, threads: 1).memory.totalBytes
    }
    let large = try planned(["evaluation.short_side=256"])
    #expect(try planned([]) < large)
    // The same as if all had been resized to this size.
    #expect(try planned(["data.size=[256,384]"]) == large)
  }
}
