/// The base learning rate throughout.
public struct Constant: LearningRateSchedule {
  public static let kind = "constant"

  public init() {}

  public func learningRate(base: Double, iteration: Int, total: Int) -> Double { base }
}
