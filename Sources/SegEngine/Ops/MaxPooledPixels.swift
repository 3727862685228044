import CSegKernels
public import SegCore

/// Loss max-pooling (Rota Bulò et al. 2017) of a map of pixel losses. Class weights say how many classes there are and
/// are not used otherwise.
///
/// `exact`: the largest `Σ wᵢ·lᵢ` over `w ≥ 0` with `‖w‖_p ≤ n^(-1/q)` and `wᵢ ≤ τ = n^(-1/q)·m^(-1/p)`, where
/// `m = ratio · n` and `1/p + 1/q = 1`, for the n pixels that count.
///
/// `rescaled`: `½ Σ wᵢ·lᵢ` with `wᵢ = τ · min(1, (lᵢ/α)^(q-1))` over all pixels, those that do not count as losses of
/// 0; α is the loss of rank `⌊m⌋` from 0 in falling order. Where α is 0, `wᵢ` is τ for every loss above it.
public struct MaxPooledPixels: PixelReduction {
  public static let name = "max_pooled_pixels"

  public enum Form: Sendable {
    case exact, rescaled
  }

  public let ignoreIndex: Int
  let form: Form
  let p: Double
  let ratio: Double

  public init(ignoreIndex: Int, form: Form, p: Double, ratio: Double) {
    self.ignoreIndex = ignoreIndex
    self.form = form
    self.p = p
    self.ratio = ratio
  }

  public func checkOptions() throws(ShapeError) {
    try require(p > 1 && p.isFinite, "p is above 1, found \(p)")
    try require(ratio > 0 && ratio <= 1, "m/n is above 0 and at most 1, found \(ratio)")
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_max_pooled_pixels_bytes(inputs[0].shape.count)
  }

  public func run(_ call: borrowing KernelCall) {
    let kernel = form == .exact ? sk_max_pooled_pixels : sk_rescaled_pixels
    kernel(
      call.pool, call.output(0), call.output(1), call.input(0), call.input(1, as: UInt8.self), p,
      ratio, call.inputs[0].shape.count, call.inputs[2].shape[0], Int32(clamping: ignoreIndex),
      call.workspace)
  }
}
