public import SegEngine

/// A rule that moves parameters along their gradients.
///
/// Parameters, gradients and every state are flat blocks with the same offsets (`ParameterStore`), so a
/// step is one pass over a range. Groups with another learning rate are other ranges.
public protocol Optimizer: Sendable {
  /// The word that chooses it in a configuration, e.g. `adam`.
  static var kind: String { get }

  /// What it remembers of each parameter, under PyTorch's names and in the order of `update`'s `state`;
  /// each is a block as long as the parameters and starts as zeros.
  var stateNames: [String] { get }

  /// Moves the parameters in `range`. Allocates nothing; the same bits for any number of threads.
  ///
  /// - Parameters:
  ///   - parameters, gradients: the flat blocks of the whole model.
  ///   - state: one block per name in `stateNames`.
  ///   - range: elements to move.
  ///   - learningRate: of this step, after the schedule.
  ///   - step: number of this update, counted from 1.
  func update(
    parameters: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>,
    state: [UnsafeMutableBufferPointer<Float>], range: Range<Int>, learningRate: Double, step: Int,
    pool: ThreadPool)
}

extension Optimizer {
  /// Whether the blocks fit each other and the range; a mistake here would write anywhere.
  func fits(
    _ parameters: UnsafeMutableBufferPointer<Float>,
    _ gradients: UnsafeMutableBufferPointer<Float>,
    _ state: [UnsafeMutableBufferPointer<Float>], _ range: Range<Int>
  ) -> Bool {
    state.count == stateNames.count && gradients.count == parameters.count
      && state.allSatisfy { $0.count == parameters.count }
      && range.lowerBound >= 0 && range.upperBound <= parameters.count
  }
}

/// Every optimiser, by `kind`; a new one is a file and a line here.
public let optimizerKinds: [any Optimizer.Type] = [Adam.self, SGD.self]
