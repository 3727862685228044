import ArgumentParser
import SegCore
import SegTraining

struct Model: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at a network, and write it for other programs.",
    subcommands: [Summary.self, Export.self])

  struct Summary: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Parameters, multiply-adds and planned memory, layer by layer.",
      discussion: "Needs no data unless the config leaves classes or sizes to it.")

    @OptionGroup var options: ConfigOptions

    @Flag(help: "Print one JSON document on standard output and nothing else.")
    var json = false

    func run() throws {
      let summary = try ModelSummary(options.load().config)
      try Console.output(json ? summary.json.pretty : summary.text)
    }
  }
}
