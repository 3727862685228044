import ArgumentParser
import SegCore
import SegTraining

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time training steps and inference of a config's network on this machine.",
    discussion:
      "Works on random pictures; needs no data set where data.size or augment.crop_size is given.")

  @OptionGroup var options: ConfigOptions

  @Option(help: "Steps to measure.")
  var steps = 10

  @Option(help: "Compute threads; one a core by default.")
  var threads: Int?

  @Flag(help: "Print one JSON document on standard output and nothing else.")
  var json = false

  func run() throws {
    try checkThreads(threads)
    guard steps >= 1 else { throw Failure(.usage, "--steps", "expected 1 or more, found \(steps)") }
    let config = try options.load().config
    let shape = try InputShape(config)
    let benchmark = try Benchmark(
      config, classes: shape.classes, height: shape.height, width: shape.width, count: steps,
      threads: threads)
    try Console.output(json ? benchmark.json.pretty : benchmark.text)
  }
}
