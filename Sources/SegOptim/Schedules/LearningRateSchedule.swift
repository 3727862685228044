/// How the learning rate changes over a run: a pure function of the iteration.
public protocol LearningRateSchedule: Sendable {
  /// Learning rate of one iteration.
  ///
  /// - Parameters:
  ///   - base: the optimiser's learning rate.
  ///   - iteration: counted from 0.
  ///   - total: iterations of the whole run.
  func learningRate(base: Double, iteration: Int, total: Int) -> Double
}
