public import SegCore

/// `{"type": "constant"}`: the optimizer's `lr` throughout.
public struct ConstantLRConfig: LRCurveConfig {
  public static let name = "constant"
  public static let help = "The optimizer's lr throughout."

  public init() {}
  public init(_ section: ConfigSection) {}
}

/// `{"type": "poly"}`: `end_lr + (lr - end_lr) * (1 - step / steps) ^ power`.
public struct PolyLRConfig: LRCurveConfig {
  public static let name = "poly"
  public static let help = "end_lr + (lr - end_lr) * (1 - step / steps) ^ power."

  public var power: Double
  /// Learning rate at the end of the run.
  public var endLR: Double

  public init(power: Double = 0.9, endLR: Double = 0) {
    self.power = power
    self.endLR = endLR
  }

  public init(_ section: ConfigSection) {
    power = section.number("power", default: 0.9, in: 0...10, "Exponent; 1 is a straight line.")
    endLR = section.number("end_lr", default: 0, in: 0...10, "Learning rate at the end of the run.")
  }
}
