public import SegCore

/// Section `log` of the run config.
public struct LogConfig: Sendable, Equatable {
  /// Iterations between lines.
  public var interval: Int
  /// Event files for TensorBoard.
  public var tensorboard: Bool

  public init(interval: Int = 10, tensorboard: Bool = true) {
    self.interval = interval
    self.tensorboard = tensorboard
  }

  public init(_ section: ConfigSection) {
    interval = section.int("interval", default: 10, in: 1...1_000_000, "Iterations between lines.")
    tensorboard = section.bool("tensorboard", default: true, "Event files for TensorBoard.")
  }
}
