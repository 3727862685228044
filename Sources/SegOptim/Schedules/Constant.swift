public import SegCore

/// The base learning rate throughout.
public struct Constant: LearningRateSchedule {
  public init() {}

  public func learningRate(base: Double, iteration: Int, total: Int) -> Double { base }
}

/// `{"type": "constant"}`: the optimizer's `lr` throughout.
public struct ConstantLRConfig: LRCurveConfig {
  public static let name = "constant"
  public static let help = "The optimizer's lr throughout."

  public init() {}
  public init(_ section: ConfigSection) {}

  public var schedule: any LearningRateSchedule { Constant() }
}
