public import SegCore
public import SegData
public import SegLosses
public import SegModels
public import SegOptim

/// Everything one run is made of: the whole configuration file, decoded and checked.
public struct RunConfig: Sendable, Equatable {
  /// Names the run's folder `runs/<name>/`.
  public var name: String
  public var seed: Int
  public var data: DataConfig
  public var augment: AugmentConfig
  public var model: ModelConfig
  public var loss: LossConfig
  public var optimizer: OptimizerConfig
  public var lrSchedule: LRScheduleConfig
  public var training: TrainingConfig
  public var evaluation: EvaluationConfig
  public var checkpoint: CheckpointConfig
  public var log: LogConfig
  public var engine: EngineConfig

  /// Declares the document in the order in which the resolved one is written.
  ///
  /// - Parameter defaultName: the run's name where the document gives none.
  public init(_ section: ConfigSection, defaultName: String = "run") {
    section.ignored("$schema")
    name = section.value(
      "name", .runName, default: defaultName,
      "Names the run's folder; the file's name without its ending unless given.")
    seed = section.int("seed", default: 0, in: 0...Int.max, "Of all randomness of the run.")
    data = section.section("data", "The images and labels.", DataConfig.init)
    augment =
      section.optionalSection("augment", "Random changes of training samples.", AugmentConfig.init)
      ?? AugmentConfig()
    model = section.section("model", "The network.", ModelConfig.init)
    loss = section.section("loss", "What is minimised.", LossConfig.init)
    optimizer = section.section("optimizer", "How weights move.", OptimizerConfig.init)
    lrSchedule = section.section(
      "lr_schedule", "How the learning rate changes.", LRScheduleConfig.init)
    training = section.section("training", "Length of the run and batches.", TrainingConfig.init)
    evaluation = section.section(
      "evaluation", "Scoring on the validation split.", EvaluationConfig.init)
    checkpoint = section.section("checkpoint", "What is kept on disk.", CheckpointConfig.init)
    log = section.section("log", "What is written down on the way.", LogConfig.init)
    engine = section.section(
      "engine", "How it is computed; never what.", EngineConfig.init)
    check(section)
  }
}

extension RunConfig {
  /// At which size the network sees pictures that are scored or predicted.
  public var inputSize: InputSize { InputSize(data, shortSide: evaluation.shortSide) }
}

extension ConfigType where T == String {
  /// A name fit for a folder.
  static var runName: Self {
    var type = Self.string
    type.expected =
      "a folder name: at most 100 bytes, no \"/\", no control characters, no leading dot"
    type.schema.append(("pattern", .string("^[^./\\u0000-\\u001f][^/\\u0000-\\u001f]*$")))
    type.decode = { value in
      guard case .string(let name) = value.kind, RunConfig.isName(name) else { return nil }
      return name
    }
    return type
  }
}

extension RunConfig {
  static func isName(_ name: String) -> Bool {
    (1...100).contains(name.utf8.count) && !name.hasPrefix(".")
      && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") }
  }
}
