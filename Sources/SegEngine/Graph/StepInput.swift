/// Where in a run a step is.
public struct TrainingTime: Sendable, Equatable {
  /// The optimiser step under way, counted from 0.
  public var iteration: Int
  /// Optimiser steps of the whole run.
  public var iterations: Int

  public init(iteration: Int, of iterations: Int) {
    self.iteration = iteration
    self.iterations = iterations
  }

  /// Where nothing is known of a run: its end, at which schedules have come to rest.
  public static let end = TrainingTime(iteration: 1, of: 1)
}

/// A tensor whose contents follow from where in the run a step is, e.g. the weights of a loss's terms.
///
/// Executors fill it before every step, so nobody can forget to, and a run that is resumed sees what it would have
/// seen.
public struct StepInput: Sendable {
  /// Writes all elements. Called every step: it must not allocate.
  public typealias Fill =
    @Sendable (_ time: TrainingTime, _ elements: UnsafeMutableBufferPointer<Float>) -> Void

  package let value: Value
  package let fill: Fill
}
