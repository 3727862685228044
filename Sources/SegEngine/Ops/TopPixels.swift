import CSegKernels
public import SegCore

/// The mean of the largest pixel losses of a batch (online hard example mining), weighted by class.
public struct TopPixels: PixelReduction {
  public static let name = "top_pixels"

  /// Which pixels are hard.
  public enum Choice: Sendable, Equatable {
    /// The `max(1, ⌊fraction · n⌋)` largest weighted losses of the n that count; of equal ones the first.
    case fraction(Double)
    /// Losses above `limit`; where fewer than `kept` are, all above the loss of rank `min(kept, n - 1)`, counted from 0
    /// in falling order. Chosen without weights. None are where all losses are equal and below the limit.
    case above(limit: Double, kept: Int)
  }

  public let ignoreIndex: Int
  let choice: Choice

  public init(ignoreIndex: Int, choice: Choice) {
    self.ignoreIndex = ignoreIndex
    self.choice = choice
  }

  public func checkOptions() throws(ShapeError) {
    switch choice {
    case .fraction(let fraction):
      try require(
        fraction > 0 && fraction <= 1, "a fraction is above 0 and at most 1, found \(fraction)")
    case .above(let limit, let kept):
      try require(limit >= 0 && kept >= 1, "expected a limit of 0 or more and 1 pixel or more")
    }
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_top_pixels_bytes(inputs[0].shape.count)
  }

  public func run(_ call: borrowing KernelCall) {
    let (pixels, classes) = (call.inputs[0].shape.count, call.inputs[2].shape[0])
    switch choice {
    case .fraction(let fraction):
      sk_top_pixels(
        call.pool, call.output(0), call.output(1), call.input(0), call.input(1, as: UInt8.self),
        call.input(2), fraction, pixels, classes, Int32(clamping: ignoreIndex), call.workspace)
    case .above(let limit, let kept):
      sk_pixels_above(
        call.pool, call.output(0), call.output(1), call.input(0), call.input(1, as: UInt8.self),
        call.input(2), Float(limit), kept, pixels, classes, Int32(clamping: ignoreIndex),
        call.workspace)
    }
  }
}
