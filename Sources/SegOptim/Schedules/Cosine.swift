import Glibc
public import SegCore

/// Half a cosine: `endLR + (base - endLR) · (1 + cos(π · iteration / total)) / 2` (Loshchilov and Hutter 2017, SGDR,
/// equation 5, without restarts); `endLR` from iteration `total` on.
public struct Cosine: LearningRateSchedule {
  public let endLR: Double

  public init(endLR: Double = 0) { self.endLR = endLR }

  public func learningRate(base: Double, iteration: Int, total: Int) -> Double {
    guard iteration < total else { return endLR }
    return endLR + (base - endLR) * (1 + cos(Double.pi * Double(iteration) / Double(total))) / 2
  }
}

/// `{"type": "cosine"}`: `end_lr + (lr - end_lr) * (1 + cos(pi * step / steps)) / 2`.
public struct CosineLRConfig: LRCurveConfig {
  public static let name = "cosine"
  public static let help = "end_lr + (lr - end_lr) * (1 + cos(pi * step / steps)) / 2."

  /// Learning rate at the end of the run.
  public var end: Double

  public init(endLR: Double = 0) { end = endLR }

  public init(_ section: ConfigSection) {
    end = section.number("end_lr", default: 0, in: 0...10, "Learning rate at the end of the run.")
  }

  public var schedule: any LearningRateSchedule { Cosine(endLR: end) }
  public var endLR: Double? { end }
}
