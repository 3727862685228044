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

  @Option(help: "What to write: index, color, overlay, confidence, logits, separated by commas.")
  var save = "index"

  @Option(
    help: ArgumentHelp(
      "Class colours: the model's own by default, or a table's (\(classTables.map(\.name).joined(separator: ", "))), or voc.",
      valueName: "name"))
  var palette: String?

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
    let runner = try trained.makeRunner(threads: model.threads(trained.config))
    let colors = try ClassColors.palette(named: palette, for: trained.classes)
    let predictor = try Predictor(trained.config.data, palette: colors, runner: runner)
    try FileSystem.standard.makeDirectories(out)
    let progress = ProgressLine(quiet: false)
    for (index, item) in list.items.enumerated() {
      try predictor.predict(item.path, stem: item.stem, into: out, saving: outputs)
      progress.update("predicted \(index + 1)/\(list.items.count)  \(item.path)", lasting: false)
    }
    progress.endLive()
    progress.note("\(list.items.count) predicted into \(out)")
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
