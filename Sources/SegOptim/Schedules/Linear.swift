public import SegCore

/// A straight line: `base + (endLR - base) · iteration / total`; `endLR` from iteration `total` on.
public struct Linear: LearningRateSchedule {
  public let endLR: Double

  public init(endLR: Double = 0) { self.endLR = endLR }

  public func learningRate(base: Double, iteration: Int, total: Int) -> Double {
    guard iteration < total else { return endLR }
    return base + (endLR - base) * (Double(iteration) / Double(total))
  }
}

/// `{"type": "linear"}`: `lr + (end_lr - lr) * step / steps`.
public struct LinearLRConfig: LRCurveConfig {
  public static let name = "linear"
  public static let help = "lr + (end_lr - lr) * step / steps."

  /// Learning rate at the end of the run.
  public var end: Double

  public init(endLR: Double = 0) { end = endLR }

  public init(_ section: ConfigSection) {
    end = section.number("end_lr", default: 0, in: 0...10, "Learning rate at the end of the run.")
  }

  public var schedule: any LearningRateSchedule { Linear(endLR: end) }
  public var endLR: Double? { end }
}
