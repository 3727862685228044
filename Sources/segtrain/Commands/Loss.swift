import ArgumentParser
import SegCore
import SegTraining

struct Loss: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at losses.", subcommands: [List.self, Explain.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Name every loss and its readings.")

    @Flag(help: "Print one JSON document on standard output and nothing else.")
    var json = false

    func run() throws {
      try Console.output(json ? LossReport.listJSON().pretty : LossReport.listText())
    }
  }

  struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what a loss computes, with an example that can be checked by hand.",
      discussion: "The numbers of the example are computed by the loss itself.")

    @Argument(help: "The loss, as in loss.terms: see segtrain loss list.")
    var name: String

    @Option(help: "One reading: paper, recall_code or scheduling_code; all by default.")
    var variant: String?

    @Flag(help: "Print one JSON document on standard output and nothing else.")
    var json = false

    func run() throws {
      let report = try LossReport(name, variant: variant)
      try Console.output(json ? report.json.pretty : report.text)
    }
  }
}
