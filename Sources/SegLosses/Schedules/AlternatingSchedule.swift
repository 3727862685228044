import Glibc
public import SegCore
public import SegEngine

/// `{"type": "alternating"}`: from the second group down to the first, and back to the second.
///
/// With `s = start·T`, `e = end·T` and iteration k counted from 0,
/// `t = min(1, max(0, 1 - k/s)) + 1 - cos(min(π/2, max(0, (k - s)·π/2 / (e - s))))`: a straight line from 1 to 0, then
/// a quarter of a cosine back to 1 (loss scheduling paper, equation 6; `decay` in its code).
public struct AlternatingSchedule: LossSchedule {
  public static let name = "alternating"
  public static let help = "The second group, down to the first, and back to the second."

  /// Shares of the run.
  public var start, end: Double

  public init(start: Double = 0.5, end: Double = 0.9) {
    self.start = start
    self.end = end
  }

  public init(_ section: ConfigSection) {
    start = section.number(
      "start", default: 0.5, in: 1e-6...1,
      "Share of the run after which the first group is alone and the second comes in again.")
    end = section.number(
      "end", default: 0.9, in: 0...1, "Share of the run after which the second group is alone.")
    section.checkOrder(start: start, end: end)
  }

  public func share(at time: TrainingTime) -> Double {
    let total = Double(time.iterations)
    let (k, s, e) = (Double(time.iteration), start * total, end * total)
    // The cosine of the double nearest π/2 is not 0.
    if k >= e { return 1 }
    return min(1, max(0, 1 - k / s)) + 1 - cos(max(0, (k - s) * (.pi / 2) / (e - s)))
  }

  public var turns: [Double] { [start, end] }
}
