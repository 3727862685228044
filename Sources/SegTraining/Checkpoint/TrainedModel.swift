import SegCore
public import SegData
import SegEngine
import SegModels

/// A model found on disk with the configuration it was trained with, ready to be run.
public struct TrainedModel {
  public let location: CheckpointPath
  public let config: RunConfig
  public let network: Network
  public let classes: [ClassInfo]
  /// Of the run the model comes from, where its loss depends on more than its configuration.
  let lossRecord: LossRecord?

  /// Finds and loads the model a user means.
  ///
  /// - Parameters:
  ///   - path: run directory, checkpoint directory or a weight file.
  ///   - configPath: replaces the configuration stored with the model.
  ///   - overrides: `a.b=value`, applied to whichever configuration is used.
  public init(_ path: String, configPath: String? = nil, overrides: [String] = []) throws {
    let location = try CheckpointPath.resolve(path)
    try self.init(location, config: Self.config(location, configPath, overrides))
  }

  /// Loads the model at a place already found.
  init(_ location: CheckpointPath, config: RunConfig) throws {
    self.location = location
    self.config = config
    lossRecord = try LossRecord(modelFile: location.model)
    classes = try FileDataset.classes(config.data)
    network = Network(ModelOptions(config.model, classes: classes.count))
    // Not initialised: the file has every tensor, or is refused.
    try network.store.reserve(gradients: false)
    if let folder = location.checkpoint { try Checkpoint.verifyModel(in: folder) }
    try network.loadWeights(location.model, scope: .all, isStart: false)
  }

  private static func config(
    _ location: CheckpointPath, _ path: String?, _ overrides: [String]
  ) throws -> RunConfig {
    if let path { return try RunConfig.load(path: path, overrides: overrides).config }
    let file = try openWeightFile(location.model)
    guard let text = file.metadata.first(where: { $0.key == ModelFile.configKey })?.value else {
      throw Failure(
        .badConfig, location.model, "the file does not say how its model is built",
        hint: "give the run config it belongs to with --config")
    }
    let name = "\(location.model) (\(ModelFile.configKey))"
    return try RunConfig.load(bytes: Array(text.utf8), name: name, overrides: overrides).config
  }
}
