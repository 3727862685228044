public import SegCore

/// Section `log` of the run config.
public struct LogConfig: Sendable, Equatable {
  /// Iterations between lines.
  public var interval: Int
  /// Event files for TensorBoard.
  public var tensorboard: Bool
  /// Recall, confidence and share of the gradient by class with every line (`traces.csv`).
  public var traces: Bool
  /// Exponent of the focal weight (1 - p)^gamma in the traces.
  public var traceGamma: Double

  public init(
    interval: Int = 10, tensorboard: Bool = true, traces: Bool = false, traceGamma: Double = 1
  ) {
    self.interval = interval
    self.tensorboard = tensorboard
    self.traces = traces
    self.traceGamma = traceGamma
  }

  public init(_ section: ConfigSection) {
    interval = section.int("interval", default: 10, in: 1...1_000_000, "Iterations between lines.")
    tensorboard = section.bool("tensorboard", default: true, "Event files for TensorBoard.")
    traces = section.bool(
      "traces", default: false,
      "Recall, confidence and share of the gradient by class with every line, in traces.csv; a second forward pass then."
    )
    traceGamma = section.number(
      "trace_gamma", default: 1, in: 0...10,
      "Exponent of the focal weight (1 - p)^gamma in the traces; 1 as in the recall loss paper.")
  }
}
