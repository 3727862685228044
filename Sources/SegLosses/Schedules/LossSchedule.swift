public import SegCore
public import SegEngine

/// How the loss moves from a first group of terms to a second: a pure function of the iteration.
///
/// A new one is a file in this folder and a line in `lossSchedules`.
public protocol LossSchedule: ConfigKind {
  /// Factor t of the second group in `(1 - t) · first + t · second`, 0 to 1.
  func share(at time: TrainingTime) -> Double

  /// Where the curve changes its law, in shares of the run; for plots and logs.
  var turns: [Double] { get }
}

/// The schedules of this version.
public let lossSchedules: [ConfigVariant<any LossSchedule>] = [
  ConfigVariant(NaiveSchedule.self) { $0 },
  ConfigVariant(AlternatingSchedule.self) { $0 },
]

/// Which side of a schedule a term is on.
public enum LossGroup: String, ConfigChoice {
  case first, second

  public var help: String {
    switch self {
    case .first: "faded out as the schedule's t rises"
    case .second: "ramped in with t"
    }
  }
}

/// The weight of a term and the side of the schedule it is on.
public struct ScheduledFactor: Sendable {
  var weight: Double
  var isSecond: Bool

  /// - Parameter share: t of the schedule.
  public func weight(share: Double) -> Double { weight * (isSecond ? share : 1 - share) }
}
