#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A full comparison on real pictures: `scripts/golden/training_runs.py --full DIR --camvid ROOT`.
///
/// Too large for the repository, so tests of it run only where `SEGTRAIN_GOLDEN_FULL` names `DIR`. The tensors
/// lie beside `full.json`: `weights`, `batches` and one `<loss>.safetensors` a loss.
public struct GoldenFull: Decodable, Sendable {
  /// The folder that the environment names.
  public static var directory: String? {
    ProcessInfo.processInfo.environment["SEGTRAIN_GOLDEN_FULL"]
  }

  public struct Input: Decodable, Sendable {
    public var batch: Int
    public var height: Int
    public var width: Int
    public var steps: Int
  }

  public struct Network: Decodable, Sendable {
    public var architecture: String
    public var backbone: String
    public var classes: Int
    public var outputStride: Int

    enum CodingKeys: String, CodingKey {
      case architecture, backbone, classes
      case outputStride = "output_stride"
    }
  }

  /// How far PyTorch's float32 runs (contiguous, channels last) are from the tensor in the file.
  public struct Tensor: Decodable, Sendable {
    public var name: String
    public var maxAbs: Double
    public var l2: Double
    public var float32Errors: [Double]
    public var float32L2Errors: [Double]

    enum CodingKeys: String, CodingKey {
      case name, l2
      case maxAbs = "max_abs"
      case float32Errors = "float32_errors"
      case float32L2Errors = "float32_l2_errors"
    }
  }

  public struct Run: Decodable, Sendable {
    public var loss: String
    public var losses: GoldenRun.Losses
    public var tensors: [Tensor]
  }

  public var metadata: GoldenMetadata
  public var network: Network
  public var input: Input
  public var optimizer: GoldenRun.Optimizer
  /// `statistics.*` tensors are those after this many steps.
  public var statisticsAfter: Int
  public var runs: [Run]

  enum CodingKeys: String, CodingKey {
    case metadata, network, input, optimizer, runs
    case statisticsAfter = "statistics_after"
  }

  /// Reads `full.json` of `directory`.
  public static func load(_ directory: String) throws -> GoldenFull {
    try GoldenFile.load(path: "\(directory)/full.json", as: GoldenFull.self)
  }
}
