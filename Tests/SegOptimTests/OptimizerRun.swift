import SegCore
import SegEngine
import SegOptim

/// Flat blocks for an optimiser, and the steps taken on them.
final class OptimizerRun {
  let optimizer: any Optimizer
  let parameters: UnsafeMutableBufferPointer<Float>
  let gradients: UnsafeMutableBufferPointer<Float>
  let state: [UnsafeMutableBufferPointer<Float>]

  init(_ optimizer: any Optimizer, parameters values: [Float]) {
    self.optimizer = optimizer
    func zeros() -> UnsafeMutableBufferPointer<Float> {
      let block = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
      block.initialize(repeating: 0)
      return block
    }
    parameters = zeros()
    gradients = zeros()
    state = optimizer.stateNames.map { _ in zeros() }
    for (index, value) in values.enumerated() { parameters[index] = value }
  }

  deinit {
    for block in [parameters, gradients] + state { block.deallocate() }
  }

  /// - Parameter step: counted from 1.
  func update(
    _ range: Range<Int>? = nil, step: Int, learningRate: Double, pool: ThreadPool
  ) {
    optimizer.update(
      parameters: parameters, gradients: gradients, state: state,
      range: range ?? 0..<parameters.count, learningRate: learningRate, step: step, pool: pool)
  }
}
