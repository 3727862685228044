import ArgumentParser
import SegCore
import SegModels
import SegTraining

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time training steps and inference of a config's network on this machine.",
    discussion: """
      Works on random pictures; needs no data set where data.size or augment.crop_size is given. With --stack it \
      times stages 3 and 4 of a bottleneck ResNet alone, on a map of 60 by 60 and a batch of 2, trained by Adam. With \
      --losses it times every loss and its gradient alone, next to a train step. With --loader it times the input \
      pipeline alone, on the config's training split with data.workers threads, and no network at all.
      """)

  @Option(help: "The run config, a JSON file.")
  var config: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Override one key, e.g. training.batch_size=8; may be repeated.", valueName: "a.b=value"))
  var overrides: [String] = []

  @Option(help: "Instead of a config: resnet50, resnet101 or resnet152.")
  var stack: String?

  @Flag(help: "Time every convolution and every kind of operation of a training step.")
  var layers = false

  @Flag(help: "Time every loss with its gradient, in each of its readings.")
  var losses = false

  @Flag(help: "Time reading, decoding and augmenting the training batches alone.")
  var loader = false

  @Option(help: "Time train or inference alone; both by default.")
  var only: String?

  @Option(help: "Steps to measure; with --loader, batches.")
  var steps = 10

  @Option(help: "Compute threads; one a core by default.")
  var threads: Int?

  @Flag(help: "Print one JSON document on standard output and nothing else.")
  var json = false

  func run() throws {
    try checkThreads(threads)
    guard steps >= 1 else { throw Failure(.usage, "--steps", "expected 1 or more, found \(steps)") }
    if loader { return try timeLoader() }
    if losses { return try timeLosses() }
    let pass = try pass()
    let (subject, configured) = try subject(pass)
    let workers = threads ?? configured ?? Machine.cores
    let (document, text): (JSONValue, String)
    if layers {
      let profile = try LayerProfile(subject, count: steps, threads: workers)
      (document, text) = (profile.json, profile.text)
    } else {
      let benchmark = try Benchmark(subject, only: pass, count: steps, threads: workers)
      (document, text) = (benchmark.json, benchmark.text)
    }
    try Console.output(json ? document.pretty : text)
  }

  private func timeLoader() throws {
    guard let config, stack == nil, only == nil, threads == nil, !layers, !losses else {
      throw Failure(
        .usage, "--loader",
        "needs --config, and goes with neither --stack, --only, --threads, --layers nor --losses",
        hint: "decoding threads are data.workers: --set data.workers=2")
    }
    let benchmark = try LoaderBenchmark(
      RunConfig.load(path: config, overrides: overrides).config, count: steps)
    try Console.output(json ? benchmark.json.pretty : benchmark.text)
  }

  private func timeLosses() throws {
    guard let config, stack == nil, only == nil, !layers else {
      throw Failure(
        .usage, "--losses", "needs --config, and goes with neither --stack, --only nor --layers")
    }
    let benchmark = try LossBenchmark(
      path: config, overrides: overrides, count: steps, threads: threads)
    try Console.output(json ? benchmark.json.pretty : benchmark.text)
  }

  /// What to time, and the threads its config asks for.
  private func subject(_ pass: BenchmarkPass?) throws -> (BenchmarkSubject, threads: Int?) {
    switch (config, stack) {
    case (let config?, nil):
      let loaded = try RunConfig.load(path: config, overrides: overrides).config
      return (try BenchmarkSubject(loaded, only: pass), loaded.engine.threads)
    case (nil, let stack?):
      guard overrides.isEmpty else {
        throw Failure(.usage, "--set", "changes a config; --stack has none")
      }
      guard let backbone = BottleneckStack.backbones.first(where: { $0.rawValue == stack }) else {
        let known = BottleneckStack.backbones.map(\.rawValue).joined(separator: ", ")
        throw Failure(.usage, "--stack", "expected one of \(known), found \"\(stack)\"")
      }
      return (try BenchmarkSubject(stack: backbone), nil)
    default:
      throw Failure(.usage, "bench", "expected either --config or --stack")
    }
  }

  private func pass() throws -> BenchmarkPass? {
    guard let only else { return nil }
    guard let pass = BenchmarkPass(rawValue: only) else {
      throw Failure(.usage, "--only", "expected train or inference, found \"\(only)\"")
    }
    guard !layers else {
      throw Failure(.usage, "--only", "--layers times training steps only; leave --only out")
    }
    return pass
  }
}
