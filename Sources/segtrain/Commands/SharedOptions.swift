import ArgumentParser
import SegCore
import SegTraining

/// `--config` and `--set`, for commands that start from a run config.
struct ConfigOptions: ParsableArguments {
  @Option(help: "The run config, a JSON file.")
  var config: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Override one key, e.g. optimizer.lr=0.01; may be repeated.", valueName: "a.b=value"))
  var overrides: [String] = []

  func load() throws -> LoadedConfig { try RunConfig.load(path: config, overrides: overrides) }
}

/// A path to a trained model, optionally with another config.
struct TrainedModelOptions: ParsableArguments {
  @Option(help: "A run directory, a checkpoint directory or a .safetensors, .pth or .pt file.")
  var checkpoint: String

  @Option(help: "Use this run config instead of the one stored with the model.")
  var config: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Override one key, e.g. data.root=other; may be repeated.", valueName: "a.b=value"))
  var overrides: [String] = []

  @Option(help: "Compute threads; results do not depend on it.")
  var threads: Int?

  func load() throws -> TrainedModel {
    try checkThreads(threads)
    return try TrainedModel(checkpoint, configPath: config, overrides: overrides)
  }

  func threads(_ config: RunConfig) -> Int { threads ?? config.engine.threads ?? Machine.cores }
}

func checkThreads(_ threads: Int?) throws {
  if let threads, !(1...1024).contains(threads) {
    throw Failure(.usage, "--threads", "expected 1 to 1024, found \(threads)")
  }
}
