public import SegCore
public import SegEngine

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

  /// `nil`: as many as the machine has cores.
  public var threads: Int?
  public var convolution: Convolution
  /// What is computed again in the backward pass instead of being kept.
  public var recompute: RecomputePolicy
  /// Neighbouring operations become one where a rule knows how.
  public var fusion: Bool

  public init(
    threads: Int? = nil, convolution: Convolution = .auto, recompute: RecomputePolicy = .none,
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
      "recompute", default: RecomputePolicy.none,
      "What is computed again in the backward pass instead of being kept; results are the same.")
    fusion = section.bool(
      "fusion", default: true, "Neighbouring operations become one where a rule knows how.")
  }
}

extension RecomputePolicy: ConfigChoice {
  public var help: String {
    switch self {
    case .none: "everything is kept: the fastest"
    case .cheap: "what is quick to make, such as normalised and rectified values"
    case .segments: "all but a few cuts through the network, convolutions too: the least memory"
    }
  }
}
