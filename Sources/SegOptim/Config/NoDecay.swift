public import SegCore

/// Kinds of parameters that weight decay may leave alone.
public enum NoDecay: String, ConfigChoice {
  case bias
  case batchNorm = "batch_norm"

  public var help: String {
    switch self {
    case .bias: "biases of convolutions"
    case .batchNorm: "scale and shift of batch norm"
    }
  }
}
