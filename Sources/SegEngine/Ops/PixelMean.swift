import CSegKernels
public import SegCore

/// The mean of pixel losses, weighted by class and, where `focalGamma` is above 0, by `(1 - e^-l)^focalGamma`, which
/// is a constant weight here and carries no gradient (`FocalLosses` does).
public struct PixelMean: PixelReduction {
  public static let name = "pixel_mean"
  public let ignoreIndex: Int
  let normalization: PixelCrossEntropy.Normalization
  let focalGamma: Float

  public init(
    ignoreIndex: Int, normalization: PixelCrossEntropy.Normalization, focalGamma: Double = 0
  ) {
    self.ignoreIndex = ignoreIndex
    self.normalization = normalization
    self.focalGamma = Float(focalGamma)
  }

  public func checkOptions() throws(ShapeError) {
    try require(focalGamma >= 0 && focalGamma.isFinite, "gamma is 0 or more, found \(focalGamma)")
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_pixel_mean_bytes(inputs[0].shape.count)
  }

  public func run(_ call: borrowing KernelCall) {
    sk_pixel_mean(
      call.pool, call.output(0), call.output(1), call.input(0), call.input(1, as: UInt8.self),
      call.input(2), focalGamma, call.inputs[0].shape.count, call.inputs[2].shape[0],
      Int32(clamping: ignoreIndex), normalization.code,
      call.workspace.assumingMemoryBound(to: Double.self))
  }
}
