public import SegCore

/// `{"type": "adam"}`: Adam (Kingma and Ba 2015), as `torch.optim.Adam`.
public struct AdamConfig: OptimizerMethodConfig {
  public static let name = "adam"
  public static let help = "Adam (Kingma and Ba 2015)."

  /// Decay of the running mean of gradients.
  public var beta1: Double
  /// Decay of the running mean of squared gradients.
  public var beta2: Double
  public var eps: Double

  public init(beta1: Double = 0.9, beta2: Double = 0.999, eps: Double = 1e-8) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.eps = eps
  }

  public init(_ section: ConfigSection) {
    let betas = section.value(
      "betas", ConfigType<Double>.number(in: 0..<1).list(count: 2...2), default: [0.9, 0.999],
      "Decay of the running means of gradients and of squared gradients.")
    beta1 = betas[0]
    beta2 = betas[1]
    eps = section.number(
      "eps", default: 1e-8, in: 1e-16...1, "Added to the root of the squared gradients' mean.")
  }
}
