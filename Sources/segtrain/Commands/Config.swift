import ArgumentParser
import SegCore
import SegTraining

struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at run configs.",
    subcommands: [Show.self, Check.self, Schema.self, Plot.self])

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the resolved config: every key with its value.")

    @OptionGroup var options: ConfigOptions

    func run() throws { try Console.output(options.load().resolved.pretty) }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what is wrong with a config; exits with 78 when something is.")

    @OptionGroup var options: ConfigOptions

    func run() throws {
      _ = try options.load()
      try Console.output("\(options.config): ok")
    }
  }

  struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the JSON Schema of run configs, for editors.")

    @Flag(help: "The schema of study files instead.")
    var study = false

    func run() throws {
      let schema = study ? SegTraining.Study.schema() : RunConfig.schema()
      try Console.output(schema.pretty)
    }
  }

  struct Plot: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Draw the weights of the loss's terms and the learning rate over the run.",
      discussion: "Needs no data unless the length of the run is given in epochs.")

    @OptionGroup var options: ConfigOptions

    @Option(help: "File to write, an SVG; one of that name is replaced.")
    var out: String

    func run() throws {
      let document = try SchedulePlot.document(options.load().config)
      try AtomicFile.write(document, to: out)
    }
  }
}
