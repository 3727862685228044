import ArgumentParser
import SegCore
import SegData
import SegEngine
import SegTraining

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predict classes for pictures, at their own size.",
    discussion: """
      An input is a picture, a folder, a pattern, or - for a list of paths on standard input. \
      An index picture looks dark in a viewer that ignores palettes: its values are class indices.
      """)

  @OptionGroup var model: TrainedModelOptions

  @Option(help: "Folder for the results; made where missing.")
  var out: String

  @Option(
    help: """
      What to write: index, color, overlay, confidence, logits, or what the servers of cityscapes and voc \
      take, separated by commas.
      """)
  var save = "index"

  @Option(
    help: ArgumentHelp(
      "Class colours: the model's own by default, or a table's (\(classTables.map(\.name).joined(separator: ", "))), or voc.",
      valueName: "name"))
  var palette: String?

  @Option(
    help: ArgumentHelp(
      "Factors of both sides whose results are averaged; evaluation.scales of the config if not given.",
      valueName: "0.75,1,1.25"))
  var scales: String?

  @Flag(help: "Average with the mirrored picture.")
  var flip = false

  @Option(
    help: ArgumentHelp(
      "Slide a window over pictures: for those larger than memory or than what was trained.",
      valueName: "HEIGHTxWIDTH"))
  var window: String?

  @Option(help: "Share of a window that its neighbour covers too.")
  var overlap: Double?

  @Argument(help: "Pictures, folders, patterns, or - for a list on standard input.")
  var inputs: [String]

  func run() throws {
    let outputs = try Self.outputs(save)
    let list = try InputList(inputs) {
      var lines: [String] = []
      while let line = readLine() { lines.append(line) }
      return lines
    }
    let trained = try model.load()
    let testTime = try testTime(trained.config.evaluation.testTime)
    let runner = try trained.makeRunner(
      threads: model.threads(trained.config), views: testTime.scales.count)
    let colors = try ClassColors.palette(named: palette, for: trained.classes)
    let predictor = try Predictor(
      trained.config.data, palette: colors, runner: runner, inputSize: trained.config.inputSize,
      testTime: testTime)
    try FileSystem.standard.makeDirectories(out)
    let progress = ProgressLine(quiet: false)
    for (index, item) in list.items.enumerated() {
      try predictor.predict(item.path, stem: item.stem, into: out, saving: outputs)
      progress.update("predicted \(index + 1)/\(list.items.count)  \(item.path)", lasting: false)
    }
    progress.endLive()
    progress.note("\(list.items.count) predicted into \(out)")
  }

  /// The config's windows and views, with what the command line says instead.
  private func testTime(_ config: TestTimeConfig) throws -> TestTimeConfig {
    var result = config
    if flip { result.flip = true }
    if let scales {
      result.scales = try scales.split(separator: ",", omittingEmptySubsequences: false).map {
        guard let factor = Double($0), (0.05...20).contains(factor) else {
          throw Failure(.usage, "--scales", "expected numbers from 0.05 to 20, found \"\($0)\"")
        }
        return factor
      }
    }
    if let window {
      let sides = window.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
      guard sides.count == 2, let height = sides[0], let width = sides[1],
        PixelSize.sides.contains(height), PixelSize.sides.contains(width)
      else {
        throw Failure(
          .usage, "--window", "expected HEIGHTxWIDTH, e.g. 512x1024, found \"\(window)\"")
      }
      result.window = PixelSize(height: height, width: width)
    }
    if let overlap {
      guard (0...0.9).contains(overlap) else {
        throw Failure(.usage, "--overlap", "expected a share from 0 to 0.9, found \(overlap)")
      }
      result.overlap = overlap
    }
    return result
  }

  private static func outputs(_ text: String) throws -> [PredictionOutput] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let output = PredictionOutput(rawValue: String(word)) else {
        let known = PredictionOutput.allCases.map(\.rawValue)
        throw Failure(
          .usage, "--save", "expected \(known.joined(separator: ", ")), found \"\(word)\"",
          hint: NearestKey.find(String(word), in: known).map { "did you mean \"\($0)\"?" })
      }
      return output
    }
  }
}
