import Glibc

/// Polynomial decay: `endLR + (base - endLR) · (1 - iteration / total)^power` (Chen et al. 2018,
/// DeepLab, section 3.1); `endLR` from iteration `total` on.
public struct Poly: LearningRateSchedule {
  public static let kind = "poly"
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
