public import SegCore

/// `{"type": "sgd"}`: stochastic gradient descent with momentum, as `torch.optim.SGD`.
public struct SGDConfig: OptimizerMethodConfig {
  public static let name = "sgd"
  public static let help = "Stochastic gradient descent with momentum."

  public var momentum: Double

  public init(momentum: Double = 0.9) { self.momentum = momentum }

  public init(_ section: ConfigSection) {
    momentum = section.number(
      "momentum", default: 0.9, in: 0..<1, "Share of the last step kept; 0: plain descent.")
  }
}
