/// A short training run of `Tests/Golden/run_<case>_<loss>.json`.
public struct GoldenRun: Decodable, Sendable {
  public struct Network: Decodable, Sendable {
    public var architecture: String
    public var backbone: String
    public var classes: Int
    public var outputStride: Int
    public var auxHead: Bool
    /// Weight of the auxiliary head's loss, where there is one.
    public var auxWeight: Double
    public var dropout: Double
    public var trainOnly: [String]?
    /// `batch` (statistics of the batch) or `fixed` (the formula's running statistics, everywhere).
    public var batchNorm: String
    /// Added to every batch norm's bias.
    public var batchNormBias: Double

    enum CodingKeys: String, CodingKey {
      case architecture, backbone, classes, dropout
      case outputStride = "output_stride"
      case auxHead = "aux_head"
      case auxWeight = "aux_weight"
      case trainOnly = "train_only"
      case batchNorm = "batch_norm"
      case batchNormBias = "batch_norm_bias"
    }
  }

  public struct Input: Decodable, Sendable {
    public var batch: Int
    public var height: Int
    public var width: Int
    public var steps: Int
    public var firstScene: Int
    /// For every step, positions in `[N, H, W]` that get label 255.
    public var ignoredPixels: [[Int]]

    enum CodingKeys: String, CodingKey {
      case batch, height, width, steps
      case firstScene = "first_scene"
      case ignoredPixels = "ignored_pixels"
    }
  }

  public struct Optimizer: Decodable, Sendable {
    public var type: String
    public var lr: Double
  }

  /// The loss of every step before its update.
  public struct Losses: Decodable, Sendable {
    public var float64: [Double]
    public var float32: [Double]
    public var float32ChannelsLast: [Double]

    enum CodingKeys: String, CodingKey {
      case float64, float32
      case float32ChannelsLast = "float32_channels_last"
    }
  }

  public struct FirstStep: Decodable, Sendable {
    /// Distance to the nearest kink of the network in units of PyTorch's float32 error.
    public var clearance: Double
    /// Valid pixels of every class, and those predicted wrongly.
    public var classPixels: [Int]
    public var classFalseNegatives: [Int]
    public var logits: [Logits]
    public var gradients: [Gradient]

    enum CodingKeys: String, CodingKey {
      case clearance, logits, gradients
      case classPixels = "class_pixels"
      case classFalseNegatives = "class_false_negatives"
    }
  }

  public struct Logits: Decodable, Sendable {
    /// `out` or `aux`; the sample positions are those of the name `logits.<name>`.
    public var name: String
    /// `[N, C, H, W]`.
    public var shape: [Int]
    public var maxAbs: Double
    public var samples: [Double]
    public var float32Errors: [Double]

    enum CodingKeys: String, CodingKey {
      case name, shape, samples
      case maxAbs = "max_abs"
      case float32Errors = "float32_errors"
    }
  }

  public struct Gradient: Decodable, Sendable {
    public var name: String
    public var shape: [Int]
    /// The largest magnitude, its position in file order, and the entry there with its sign.
    public var maxAbs: Double
    public var maxPosition: Int
    public var maxValue: Double
    public var l1: Double
    public var l2: Double
    public var samples: [Double]
    public var projections: [Double]
    /// Largest difference of PyTorch's float32 gradients (contiguous, channels last) from these.
    public var float32Errors: [Double]

    enum CodingKeys: String, CodingKey {
      case name, shape, l1, l2, samples, projections
      case maxAbs = "max_abs"
      case maxPosition = "max_position"
      case maxValue = "max_value"
      case float32Errors = "float32_errors"
    }
  }

  public struct BatchNorm: Decodable, Sendable {
    public struct Statistic: Decodable, Sendable {
      public var name: String
      public var samples: [Double]
      public var float32Errors: [Double]

      enum CodingKeys: String, CodingKey {
        case name, samples
        case float32Errors = "float32_errors"
      }
    }

    public var afterSteps: Int
    public var statistics: [Statistic]

    enum CodingKeys: String, CodingKey {
      case statistics
      case afterSteps = "after_steps"
    }
  }

  public var metadata: GoldenMetadata
  public var name: String
  public var network: Network
  public var input: Input
  public var optimizer: Optimizer
  /// `cross_entropy`, `recall_paper` or `recall_code`.
  public var loss: String
  public var losses: Losses
  /// Smallest difference of the two largest logits over the valid pixels, for every step.
  public var margins: [Double]
  public var firstStep: FirstStep
  public var batchNorm: BatchNorm
  public var fixedStatistics: [GoldenFormula.StatisticScales]

  enum CodingKeys: String, CodingKey {
    case metadata, network, input, optimizer, loss, losses, margins
    case name = "case"
    case firstStep = "first_step"
    case batchNorm = "batch_norm"
    case fixedStatistics = "fixed_statistics"
  }

  /// The weights the run starts from.
  public var formula: GoldenFormula {
    GoldenFormula(batchNormBias: network.batchNormBias, fixedStatistics: fixedStatistics)
  }

  /// The pictures of a step, counted from 0.
  public func batch(_ step: Int) -> GoldenBatch {
    GoldenBatch(
      first: input.firstScene + input.batch * step, count: input.batch, height: input.height,
      width: input.width, ignoring: input.ignoredPixels[step])
  }
}
