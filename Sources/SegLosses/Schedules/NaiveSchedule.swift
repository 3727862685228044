public import SegCore
public import SegEngine

/// `{"type": "naive"}`: the first group alone, then a straight line to the second.
///
/// `t = clamp((k - start·T) / (end·T - start·T), 0, 1)` in iteration k of T, counted from 0, with `start·T` not rounded
/// (loss scheduling paper, equation 5; `ramp` in its code).
public struct NaiveSchedule: LossSchedule {
  public static let name = "naive"
  public static let help = "The first group, then a straight line to the second."

  /// Shares of the run.
  public var start, end: Double

  public init(start: Double = 0.3, end: Double = 0.9) {
    self.start = start
    self.end = end
  }

  public init(_ section: ConfigSection) {
    start = section.number(
      "start", default: 0.3, in: 0...1, "Share of the run after which the second group comes in.")
    end = section.number(
      "end", default: 0.9, in: 0...1, "Share of the run after which the second group is alone.")
    section.checkOrder(start: start, end: end)
  }

  public func share(at time: TrainingTime) -> Double {
    let total = Double(time.iterations)
    let part = (Double(time.iteration) - start * total) / (end * total - start * total)
    return min(1, max(0, part))
  }

  public var turns: [Double] { [start, end] }
}

extension ConfigSection {
  /// Reports a schedule that ends before it starts.
  func checkOrder(start: Double, end: Double) {
    guard start >= end else { return }
    problem("end", "expected more than start, which is \(start), found \(end)")
  }
}
