/// How the learning rate changes over a run: a pure function of the iteration.
public protocol LearningRateSchedule: Sendable {
  /// The word that chooses it in a configuration, e.g. `poly`.
  static var kind: String { get }

  /// Learning rate of one iteration.
  ///
  /// - Parameters:
  ///   - base: the optimiser's learning rate.
  ///   - iteration: counted from 0.
  ///   - total: iterations of the whole run.
  func learningRate(base: Double, iteration: Int, total: Int) -> Double
}

/// Every schedule, by `kind`; a new one is a file and a line here.
public let scheduleKinds: [any LearningRateSchedule.Type] = [Constant.self, Poly.self]
