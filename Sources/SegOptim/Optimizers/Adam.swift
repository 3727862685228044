import CSegKernels
import Glibc
public import SegCore
public import SegEngine

/// Adam (Kingma and Ba 2015, algorithm 1) with L2 weight decay, as `torch.optim.Adam`:
/// `g += weightDecay · θ`, `m = β1·m + (1 - β1)·g`, `v = β2·v + (1 - β2)·g²`,
/// `θ -= learningRate / (1 - β1ᵗ) · m / (sqrt(v) / sqrt(1 - β2ᵗ) + epsilon)`.
///
/// The corrections are computed in double.
public struct Adam: Optimizer {
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double
  public let weightDecay: Double

  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public var stateNames: [String] { ["exp_avg", "exp_avg_sq"] }

  public func update(
    parameters: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>,
    state: [UnsafeMutableBufferPointer<Float>], range: Range<Int>, learningRate: Double, step: Int,
    pool: ThreadPool
  ) {
    precondition(fits(parameters, gradients, state, range), "adam: blocks of different lengths")
    precondition(step >= 1, "adam: steps count from 1, found \(step)")
    guard !range.isEmpty, let theta = parameters.baseAddress, let g = gradients.baseAddress,
      let m = state[0].baseAddress, let v = state[1].baseAddress
    else { return }
    var numbers = sk_adam_step(
      beta1: Float(beta1), beta2: Float(beta2), epsilon: Float(epsilon),
      weight_decay: Float(weightDecay), one_minus_beta1: Float(1 - beta1),
      one_minus_beta2: Float(1 - beta2),
      step_size: Float(learningRate / (1 - pow(beta1, Double(step)))),
      root_correction: Float(1 / (1 - pow(beta2, Double(step))).squareRoot()))
    let start = range.lowerBound
    sk_adam(
      pool.handle, theta + start, g + start, m + start, v + start, range.count, &numbers)
  }
}

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

  public func makeOptimizer(weightDecay: Double) -> any Optimizer {
    Adam(beta1: beta1, beta2: beta2, epsilon: eps, weightDecay: weightDecay)
  }
}
