import CSegKernels
import Glibc
public import SegEngine

/// Adam (Kingma and Ba 2015, algorithm 1) with L2 weight decay, as `torch.optim.Adam`:
/// `g += weightDecay · θ`, `m = β1·m + (1 - β1)·g`, `v = β2·v + (1 - β2)·g²`,
/// `θ -= learningRate / (1 - β1ᵗ) · m / (sqrt(v) / sqrt(1 - β2ᵗ) + epsilon)`.
///
/// The corrections are computed in double.
public struct Adam: Optimizer {
  public static let kind = "adam"
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
