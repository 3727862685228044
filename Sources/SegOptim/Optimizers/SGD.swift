import CSegKernels
public import SegEngine

/// Stochastic gradient descent with momentum, as `torch.optim.SGD` (dampening 0, no Nesterov):
/// `g += weightDecay · θ`, `buffer = momentum · buffer + g`, `θ -= learningRate · buffer`.
///
/// PyTorch's first step sets the buffer to g; so does this one, because the buffer starts as zeros.
public struct SGD: Optimizer {
  public static let kind = "sgd"
  public let momentum: Double
  public let weightDecay: Double

  public init(momentum: Double = 0.9, weightDecay: Double = 0) {
    self.momentum = momentum
    self.weightDecay = weightDecay
  }

  public var stateNames: [String] { momentum == 0 ? [] : ["momentum_buffer"] }

  public func update(
    parameters: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>,
    state: [UnsafeMutableBufferPointer<Float>], range: Range<Int>, learningRate: Double, step: Int,
    pool: ThreadPool
  ) {
    precondition(fits(parameters, gradients, state, range), "sgd: blocks of different lengths")
    guard !range.isEmpty, let theta = parameters.baseAddress, let g = gradients.baseAddress
    else { return }
    let start = range.lowerBound
    sk_sgd(
      pool.handle, theta + start, g + start, state.first?.baseAddress.map { $0 + start },
      range.count, Float(learningRate), Float(momentum), Float(weightDecay))
  }
}
