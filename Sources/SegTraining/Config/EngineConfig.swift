public import SegCore

/// Section `engine` of the run config.
public struct EngineConfig: Sendable, Equatable {
  /// Which algorithm convolutions use.
  public enum Convolution: String, ConfigChoice {
    case auto, direct

    public var help: String {
      switch self {
      case .auto: "the fastest for each shape"
      case .direct: "no transforms: the plain sum of products"
      }
    }
  }

  /// What is computed again in the backward pass instead of being kept.
  public enum Recompute: String, ConfigChoice {
    case none

    public var help: String { "everything is kept" }
  }

  /// `nil`: as many as the machine has cores.
  public var threads: Int?
  public var convolution: Convolution
  public var recompute: Recompute
  /// Neighbouring operations become one where a rule knows how.
  public var fusion: Bool

  public init(
    threads: Int? = nil, convolution: Convolution = .auto, recompute: Recompute = .none,
    fusion: Bool = true
  ) {
    self.threads = threads
    self.convolution = convolution
    self.recompute = recompute
    self.fusion = fusion
  }

  public init(_ section: ConfigSection) {
    threads = section.optionalInt(
      "threads", in: 1...1024,
      "Null: as many as the machine has cores; results do not depend on it.")
    convolution = section.choice("convolution", default: .auto, "Algorithm of convolutions.")
    recompute = section.choice(
      "recompute", default: Recompute.none, planned: ["cheap", "segments"],
      "What is computed again in the backward pass instead of being kept.")
    fusion = section.bool(
      "fusion", default: true, "Neighbouring operations become one where a rule knows how.")
  }
}
