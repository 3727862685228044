import Glibc
public import SegCore

/// Polynomial decay: `endLR + (base - endLR) · (1 - iteration / total)^power` (Chen et al. 2018,
/// DeepLab, section 3.1); `endLR` from iteration `total` on.
public struct Poly: LearningRateSchedule {
  public let power: Double
  public let endLR: Double

  public init(power: Double = 0.9, endLR: Double = 0) {
    self.power = power
    self.endLR = endLR
  }

  public func learningRate(base: Double, iteration: Int, total: Int) -> Double {
    guard iteration < total else { return endLR }
    return endLR + (base - endLR) * pow(1 - Double(iteration) / Double(total), power)
  }
}

/// `{"type": "poly"}`: `end_lr + (lr - end_lr) * (1 - step / steps) ^ power`.
public struct PolyLRConfig: LRCurveConfig {
  public static let name = "poly"
  public static let help = "end_lr + (lr - end_lr) * (1 - step / steps) ^ power."

  public var power: Double
  /// Learning rate at the end of the run.
  public var end: Double

  public init(power: Double = 0.9, endLR: Double = 0) {
    self.power = power
    end = endLR
  }

  public init(_ section: ConfigSection) {
    power = section.number("power", default: 0.9, in: 0...10, "Exponent; 1 is a straight line.")
    end = section.number("end_lr", default: 0, in: 0...10, "Learning rate at the end of the run.")
  }

  public var schedule: any LearningRateSchedule { Poly(power: power, endLR: end) }
  public var endLR: Double? { end }
}
