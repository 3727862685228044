import Glibc
public import SegCore

/// `base · factorⁿ`, where n drops came before the iteration, as `torch.optim.lr_scheduler.StepLR` and `MultiStepLR`.
public struct Step: LearningRateSchedule {
  /// When the learning rate drops.
  public enum Drops: Sendable, Equatable {
    /// In iterations n, 2n, 3n …, counted from 0.
    case every(Int)
    /// In these iterations.
    case at([Int])
  }

  public let drops: Drops
  public let factor: Double

  public init(_ drops: Drops, factor: Double = 0.1) {
    self.drops = drops
    self.factor = factor
  }

  public func learningRate(base: Double, iteration: Int, total: Int) -> Double {
    let count =
      switch drops {
      case .every(let interval): iteration / interval
      case .at(let milestones): milestones.count { $0 <= iteration }
      }
    return base * pow(factor, Double(count))
  }
}

/// `{"type": "step"}`: `lr` times `factor` at every milestone passed.
public struct StepLRConfig: LRCurveConfig {
  public static let name = "step"
  public static let help = "lr times factor at each milestone, or every so many iterations."

  public var drops: Step.Drops
  public var factor: Double

  public init(_ drops: Step.Drops, factor: Double = 0.1) {
    self.drops = drops
    self.factor = factor
  }

  public init(_ section: ConfigSection) {
    let most = 1_000_000_000
    let every = section.optionalInt(
      "every", in: 1...most, "Iterations between drops; this or milestones.")
    let milestones = section.value(
      "milestones", ConfigType<Int>.int(in: 1...most).list(count: 1...64).optional,
      default: .some(nil), "Iterations of the drops, in any order; this or every.")
    section.exactlyOne(
      "every", "milestones", hint: "say when the rate drops, for example \"every\": 1000")
    drops = milestones.map { .at($0) } ?? .every(every ?? 1)
    factor = section.number(
      "factor", default: 0.1, in: 0...1, "What the rate is multiplied with at each drop.")
  }

  public var schedule: any LearningRateSchedule { Step(drops, factor: factor) }
}
