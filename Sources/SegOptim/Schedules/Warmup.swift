/// A schedule behind a linear rise of the learning rate.
///
/// In iteration k < `iterations` the schedule's value is multiplied by `(k + 1) / iterations`: from
/// `1 / iterations` in the first iteration (0 would waste it) to 1 in the last of the warm-up. The
/// schedule itself counts from the first iteration of the run, so its end does not move.
public struct Warmup: Sendable {
  public let iterations: Int
  public let schedule: any LearningRateSchedule

  /// - Parameter iterations: 0 for none.
  public init(iterations: Int, then schedule: any LearningRateSchedule) {
    precondition(iterations >= 0, "warm-up of \(iterations) iterations")
    self.iterations = iterations
    self.schedule = schedule
  }

  /// Learning rate of one iteration, counted from 0, of `total`.
  public func learningRate(base: Double, iteration: Int, total: Int) -> Double {
    let value = schedule.learningRate(base: base, iteration: iteration, total: total)
    guard iteration < iterations else { return value }
    return value * Double(iteration + 1) / Double(iterations)
  }
}
