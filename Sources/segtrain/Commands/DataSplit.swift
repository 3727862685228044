import ArgumentParser
import SegCore
import SegData
import SegTraining

struct DataSplitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Divide one folder of images among train, val and test: list files for data.list.",
    discussion:
      "For layout \"folders\". Give a config, or --images and --masks. The same files, options and seed give the same "
      + "lists. Every label is read once, and one that cannot be used is an error.")

  @Option(help: "The run config, with data.images and data.masks without {split}.")
  var config: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Override one key, e.g. data.images=images; may be repeated.", valueName: "a.b=value"))
  var overrides: [String] = []

  @Option(help: "Folder of images, or file names with {name}.")
  var images: String?

  @Option(help: "Folder of masks, or file names with {name}.")
  var masks: String?

  @Option(help: "Folder to write train.txt, val.txt and test.txt to.")
  var out: String

  @Option(help: "Shares of train, val and test, or of train and val.")
  var ratios = "0.7,0.1,0.2"

  @Option(help: "Of all randomness.")
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Keep samples of one drive or patient together: a number of leading characters, or what ends the common part "
        + "of their names, e.g. _.", valueName: "length or separator"))
  var groupBy: String?

  @Flag(help: "Spread the images of each class over the splits, the rarest class first.")
  var stratify = false

  @Flag(help: "Overwrite lists.")
  var force = false

  @Flag(help: "Print one JSON document on standard output and nothing else.")
  var json = false

  func validate() throws {
    guard (config == nil) == (images != nil), (images == nil) == (masks == nil) else {
      throw ValidationError("give either --config or --images and --masks")
    }
    guard config != nil || overrides.isEmpty else {
      throw ValidationError("--set changes a config: give --config too")
    }
  }

  func run() throws {
    var options = DataSplit.Options()
    options.ratios = try Self.ratios(ratios)
    options.seed = seed
    options.grouping = groupBy.map { Int($0).map(DataSplit.Grouping.prefix) ?? .separator($0) }
    options.isStratified = stratify
    let progress = ProgressLine(quiet: json)
    defer { progress.endLive() }
    let split = try DataSplit(try data(), options, workers: Machine.cores) { done, count in
      if done % 16 == 0 || done == count {
        progress.update("\(done)/\(count) masks", lasting: false)
      }
    }
    progress.endLive()
    let files = try split.write(to: out, force: force)
    try Console.output(json ? split.json.pretty : split.text)
    progress.note("written: \(files.joined(separator: ", "))")
  }

  private func data() throws -> DataConfig {
    if let config { return try RunConfig.load(path: config, overrides: overrides).config.data }
    return DataSplit.config(images: images ?? "", masks: masks ?? "")
  }

  private static func ratios(_ text: String) throws -> [Double] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let ratio = Double(part) else {
        throw Failure(
          .usage, "--ratios", "expected numbers like 0.7,0.1,0.2, found \"\(part)\"")
      }
      return ratio
    }
  }
}
