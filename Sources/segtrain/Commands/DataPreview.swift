import ArgumentParser
import SegCore
import SegData
import SegTraining

struct DataPreviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Write a contact sheet of samples as training sees them.",
    discussion:
      "Each sample is shown as image, mask and mask over image, in the order of a run with the same seed. The colours "
      + "are listed on standard output.")

  @OptionGroup var config: ConfigOptions

  @Option(help: "The PNG to write.")
  var out = "preview.png"

  @Option(help: "A split; the training split if not given.")
  var split: String?

  @Option(help: "Samples on the sheet.")
  var count = 12

  @Option(help: "Epoch whose order and augmentation are shown.")
  var epoch = 0

  @Option(help: "Widest picture on the sheet, in pixels.")
  var width = 320

  @Flag(help: "Leave out the augmentation.")
  var plain = false

  func validate() throws {
    guard (1...1000).contains(count) else { throw ValidationError("--count is 1 to 1000") }
    guard (8...4096).contains(width) else { throw ValidationError("--width is 8 to 4096 pixels") }
    guard epoch >= 0 else { throw ValidationError("--epoch is 0 or more") }
  }

  func run() throws {
    let run = try config.load().config
    var options = DataPreview.Options()
    options.count = count
    options.seed = UInt64(run.seed)
    options.epoch = epoch
    options.width = width
    options.isAugmented = !plain
    let split = split ?? run.data.train
    let preview = try DataPreview(
      run.data, run.augment, split: split, classUniform: classUniform(run, split), options: options)
    try PNGEncoder.write(preview.sheet, to: out)
    try Console.output(preview.legend())
    ProgressLine(quiet: false).note(
      "\(preview.files.count) samples of \(split) written to \(out)")
  }

  private func classUniform(_ run: RunConfig, _ split: String) throws -> ClassUniform? {
    guard !plain, run.augment.classUniform > 0, split == run.data.train else { return nil }
    let inspection = try DataInspection(
      run.data, splits: [split], readImages: false,
      workers: max(run.data.workers, Machine.cores))
    return ClassUniform(share: run.augment.classUniform, inspection, split: split)
  }
}
