public import SegCore
public import SegEngine

/// Dice loss of the loss scheduling paper: one ratio of sums over all classes.
///
/// `paper`: equation 2 over the batch. `scheduling_code`: a ratio for each image, with the smoothing inside the factor 2
/// and 1e-5 more in the denominator, so that it runs from slightly below 0 to 1, and to -1 for an image that is ignored
/// altogether.
public struct Dice: SegmentationLoss {
  public static let name = "dice"
  public static let help = "1 - 2 overlap / (prediction + truth), summed over all classes."

  public static let takesClassWeights = true

  public static var explanation: LossExplanation {
    let sums = "p = softmax(z), Y = 1 at pixels of class c, w = 1 without class weights"
    return LossExplanation(
      range: "[0, 1]; scheduling_code (-1, 1)",
      readings: [
        .init(
          equation:
            "L = 1 − (2 Σ_c w_c Σ_i p·Y + s) / (Σ_c w_c Σ_i (p² + Y²) + s), s = smoothing (1); p instead of p² with squared = false; \(sums)",
          reduction: "sums over the valid pixels of the batch; 0 when there are none",
          absent: "its probabilities count as false positives",
          source: "loss scheduling paper, equation 2, with s once in numerator and denominator"),
        .init(
          .schedulingCode,
          equation:
            "L = 1 − mean_n 2 (Σ_c w_c Σ_i p·Y + s) / (Σ_c w_c Σ_i (p² + Y²) + s + 1e-5), s = smoothing (1); \(sums)",
          reduction: "sums over the valid pixels of each image, mean over images",
          ignored: "no part; an image of nothing else adds about -1 to the mean, without gradient",
          absent: "its probabilities count as false positives",
          source: "loss-scheduling repository, dice loss"),
      ])
  }

  public var variant: LossVariant
  /// Pixels added to numerator and denominator.
  public var smoothing: Double
  /// Whether the denominator sums `p²` instead of `p`.
  public var squared: Bool

  public init(variant: LossVariant = .paper, smoothing: Double = 1, squared: Bool = true) {
    self.variant = variant
    self.smoothing = smoothing
    self.squared = squared
  }

  public init(_ section: ConfigSection) {
    variant = section.choice(
      "variant", among: [.paper, .schedulingCode], default: .paper,
      "Whose formula: \"paper\" is a ratio over the batch, \"scheduling_code\" one for each image.")
    smoothing = section.number(
      "smoothing", default: 1, in: 0...1e9, "Pixels added to numerator and denominator.")
    squared = section.bool(
      "squared", default: true, "Whether the denominator sums squares of probabilities.")
  }

  public func trace(
    logits: Tensor, labels: Tensor, context: LossContext
  ) throws(ShapeError) -> Tensor {
    try traceRegions(
      logits, labels, context, perImage: variant == .schedulingCode,
      formula(classWeights: context.classWeights))
  }

  package func formula(classWeights: [Float]? = nil) -> any RegionFormula {
    DiceFormula(
      weights: classWeights?.map { Double($0) }, smoothing: smoothing, squared: squared,
      isCode: variant == .schedulingCode)
  }
}

private struct DiceFormula: RegionFormula {
  var weights: [Double]?
  var smoothing: Double
  var squared: Bool
  var isCode: Bool

  func loss(
    of classes: UnsafeBufferPointer<ClassSums>, slopes: UnsafeMutableBufferPointer<ClassSums>
  ) -> Double {
    var (overlap, size, truth) = (0.0, 0.0, 0.0)
    for (index, sums) in classes.enumerated() {
      let weight = weights?[index] ?? 1
      overlap += weight * sums.overlap
      size += weight * ((squared ? sums.square : sums.probability) + sums.truth)
      truth += sums.truth
    }
    let numerator = 2 * overlap + (isCode ? 2 : 1) * smoothing
    let denominator = size + smoothing + (isCode ? 1e-5 : 0)
    guard isCode || (truth > 0 && denominator > 0) else { return 0 }
    for index in classes.indices {
      let weight = weights?[index] ?? 1
      let bySize = weight * numerator / (denominator * denominator)
      slopes[index].overlap = -2 * weight / denominator
      if squared { slopes[index].square = bySize } else { slopes[index].probability = bySize }
    }
    return 1 - numerator / denominator
  }
}
