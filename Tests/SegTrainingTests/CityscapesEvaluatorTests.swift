import Foundation
import SegCore
import SegData
import SegEngine
import SegMetrics
import SegModels
import SegNN
import SegTestSupport
import SegTraining
import Testing

/// Official scores from a network and the files of a data set in Cityscapes' format.
@Suite struct CityscapesEvaluatorTests {
  @Test func equalThoseOfThePredictedFiles() throws {
    let files = try CityscapesScenes()
    let summary = try files.evaluate()
    let expected = try files.expected(scoresInstances: true)
    #expect(summary.cityscapes == expected)
    #expect(expected.scores.meanClassInstances != nil)
    // Ignored labels stay in the official matrix and are not in our own.
    #expect(expected.confusion.truePixels(4) > 0)
    #expect(summary.confusion.total == expected.confusion.total - expected.confusion.truePixels(4))
    let official = summary.json["cityscapes"]
    #expect(official?["iou_classes"] == expected.scores.meanClasses.map { .number($0) })
    #expect(
      official?["iiou_categories"] == expected.scores.meanCategoryInstances.map { .number($0) })
    #expect(summary.table().contains("Cityscapes classes     IoU "))
    #expect(summary.scalars.contains { $0.key == "cityscapes_iiou_classes" })

    let folder = files.folder["eval/val@1"]
    try writeEvaluation(summary, to: folder)
    let written = try InputFile.text(of: FilePath.join(folder, CityscapesEvaluation.fileName))
    #expect(written == expected.officialJSON)
  }

  /// A real frame with its 16-bit instance file, against what cityscapesscripts 2.3.0 says of the same
  /// made-up prediction.
  @Test func aRealFrame() throws {
    let stem = SharedFolder.path(
      "cityscapes/mini/gtFine/val/frankfurt/frankfurt_000000_000294_gtFine")
    guard FileSystem.kind(of: "\(stem)_instanceIds.png") != nil else {
      print("skipped: \(stem)_instanceIds.png is not there")
      return
    }
    let labels = try ImageFile.readLabels("\(stem)_labelIds.png")
    let image = try PNGImage.decode(
      InputFile.contents(of: "\(stem)_instanceIds.png"), name: "instanceIds")
    guard case .words(let instances) = image.samples else {
      Issue.record("\(image.kind) instead of 16 bits")
      return
    }
    let prediction = labels.pixels.enumerated().map { pixel, label in
      let (y, x) = (pixel / labels.width, pixel % labels.width)
      return (3 * x + 5 * y) % 4 == 0 ? UInt8((Int(label) + x + y) % 34) : label
    }
    var evaluation = CityscapesEvaluation(scoresInstances: true)
    try evaluation.add(
      prediction: prediction.span, labels: labels.pixels.span, instances: instances.span)
    let scores = evaluation.scores
    #expect(scores.meanClasses == 0.29087685937899027)
    #expect(scores.meanClassInstances == 0.19373082263572042)
    #expect(scores.meanCategories == 0.4901539735719102)
    #expect(scores.meanCategoryInstances == 0.7581082922088417)
  }

  @Test func withoutInstanceFilesOnlyPixelsAreScored() throws {
    let files = try CityscapesScenes()
    try FileSystem.standard.removeFile(files.folder["a_1_gtFine_instanceIds.png"])
    #expect(try files.evaluate().cityscapes == files.expected(scoresInstances: false))
  }

  @Test func otherDataHasNoOfficialScores() throws {
    let files = try CityscapesScenes()
    #expect(try files.evaluate(scoreSize: .input).cityscapes == nil)
    var renamed = files
    renamed.classes[1].name = "pedestrian"
    let summary = try renamed.evaluate()
    #expect(summary.cityscapes == nil && summary.json["cityscapes"] == nil)
  }

  @Test func anInstanceFileOfAnotherSizeIsRefused() throws {
    let files = try CityscapesScenes()
    let path = files.folder["a_1_gtFine_instanceIds.png"]
    try AtomicFile.write(
      plainPNG(
        width: 48, depth: 16, colorType: 0,
        rows: [[UInt8]](repeating: (0..<48).flatMap { _ in twoBytes(7) }, count: 31)), to: path)
    let failure = #expect(throws: Failure.self) { try files.evaluate() }
    #expect(failure?.status == .badData && failure?.place == path)
    #expect(failure?.problem == "numbered objects are 48x31, their label is 48x32")
  }
}

/// Two pictures of 48x32 with tiles of road, persons, cars and static things.
private struct CityscapesScenes: SegmentationDataset {
  static let (height, width) = (32, 48)
  static let labelIds: [UInt8] = [7, 24, 26]
  let folder: TemporaryFolder
  var classes = [
    ClassInfo("road", RGB(128, 64, 128)), ClassInfo("person", RGB(220, 20, 60)),
    ClassInfo("car", RGB(0, 0, 142)),
  ]
  let ignoreIndex: UInt8 = 255
  let count = 2

  init() throws {
    folder = try TemporaryFolder()
    for index in 0..<count {
      let (labels, instances) = Self.picture(index)
      let (height, width) = (Self.height, Self.width)
      let pixels = labels.flatMap { [$0 &* 9, $0 &* 7, $0 &* 5] }
      try PNGEncoder.write(
        Raster(height: height, width: width, channels: 3, pixels: pixels),
        to: imagePath(at: index))
      try PNGEncoder.write(
        LabelMap(height: height, width: width, pixels: labels), to: labelPath(at: index))
      try AtomicFile.write(
        plainPNG(
          width: width, depth: 16, colorType: 0,
          rows: (0..<height).map { y in
            instances[y * width..<(y + 1) * width].flatMap(twoBytes)
          }),
        to: folder["a_\(index)_gtFine_instanceIds.png"])
    }
  }

  static func picture(_ index: Int) -> (labels: [UInt8], instances: [UInt16]) {
    var (labels, instances) = ([UInt8](), [UInt16]())
    for y in 0..<height {
      for x in 0..<width {
        let tile = y / 8 * 6 + x / 8 + index
        let label = [7, 24, 4, 26, 26][tile % 5]
        labels.append(UInt8(label))
        instances.append(UInt16(label >= 24 ? 1000 * label + tile % 3 : label))
      }
    }
    return (labels, instances)
  }

  func imagePath(at index: Int) -> String { folder["a_\(index)_leftImg8bit.png"] }
  func labelPath(at index: Int) -> String { folder["a_\(index)_gtFine_labelIds.png"] }

  func load(at index: Int) throws -> Sample {
    var label = try ImageFile.readLabels(labelPath(at: index))
    for pixel in label.pixels.indices {
      let index = Self.labelIds.firstIndex(of: label.pixels[pixel])
      label.pixels[pixel] = index.map { UInt8($0) } ?? ignoreIndex
    }
    return Sample(image: try ImageFile.readRaster(imagePath(at: index)), label: label)
  }

  private func config(_ scoreSize: EvaluationConfig.ScoreSize) throws -> RunConfig {
    var config = try RunConfig.load(bytes: Array(Example.least.utf8), name: "least").config
    config.data.size = PixelSize(height: 33, width: 49)
    config.evaluation.scoreSize = scoreSize
    return config
  }

  private func runner() throws -> InferenceRunner {
    let network = Network(ModelOptions(architecture: .fcn, classes: classes.count))
    try network.store.reserve(gradients: false)
    network.declarations.initialize(seed: 3)
    return InferenceRunner(network, pool: ThreadPool(threads: 1))
  }

  func evaluate(
    scoreSize: EvaluationConfig.ScoreSize = .original
  ) throws -> EvaluationSummary {
    try Evaluator(self, config(scoreSize)).run(runner())
  }

  /// The counts of what `predict` writes.
  func expected(scoresInstances: Bool) throws -> CityscapesEvaluation {
    let predictor = try Predictor(config(.original).data, palette: classes, runner: runner())
    var evaluation = CityscapesEvaluation(scoresInstances: scoresInstances)
    for index in 0..<count {
      let written = try predictor.predict(
        imagePath(at: index), stem: "map_\(index)", into: folder.path, saving: [.index])
      let map = try ImageFile.readLabels(written[0])
      let prediction = map.pixels.map { Self.labelIds[Int($0)] }
      let (labels, instances) = Self.picture(index)
      if scoresInstances {
        try evaluation.add(
          prediction: prediction.span, labels: labels.span, instances: instances.span)
      } else {
        try evaluation.add(prediction: prediction.span, labels: labels.span)
      }
    }
    return evaluation
  }
}
