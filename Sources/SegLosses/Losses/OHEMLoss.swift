import Glibc
public import SegCore
public import SegEngine

/// Online hard example mining: the mean cross entropy of the hardest pixels, all others left out.
///
/// `paper`: the largest part of the batch's valid pixels, or with `mode` `threshold` those whose true class is less
/// probable than `threshold`, and `min_kept` at least. `recall_code`: k = ⌊fraction · batch size⌋ pixels of every image
/// row, as `topk` along the last axis gives; at least 1, where the code divides by 0.
public struct OHEMLoss: SegmentationLoss {
  public enum Mode: String, ConfigChoice {
    case fraction, threshold

    public var help: String {
      switch self {
      case .fraction: "the largest losses, a fixed part of the valid pixels"
      case .threshold: "pixels whose true class is less probable than threshold, min_kept at least"
      }
    }
  }

  public static let name = "ohem"
  public static let help = "Mean cross entropy of the hardest pixels."

  /// A class weight multiplies the pixel's loss. Ranks go by the weighted loss, except for `threshold`, which compares
  /// probabilities.
  public static let takesClassWeights = true

  public static var explanation: LossExplanation {
    LossExplanation(
      range: "[0, ∞)",
      readings: [
        .init(
          equation:
            "L = Σ_{i ∈ K} l_i / |K|, l_i = w(y_i) · (−log p_i(y_i)), K = the max(1, ⌊0.7 · N_valid⌋) largest l_i; with mode \"threshold\" K = {i : p_i(y_i) < max(0.7, p of rank min_kept)}",
          reduction:
            "mean over the chosen pixels; of equal losses the first in the batch are chosen",
          source:
            "Shrivastava et al. 2016; Tian et al. 2022, section IV (top 70 %); threshold: HRNet-Semantic-Segmentation, OhemCrossEntropy"
        ),
        .init(
          .recallCode,
          equation:
            "L = Σ_rows Σ_{i ∈ K(row)} l_i / (N_rows · k), k = ⌊0.7 · batch size⌋ largest l_i of every image row",
          reduction: "mean over k pixels of every row of every image",
          ignored: "a loss of 0, which fills rows with fewer than k valid pixels; no gradient",
          source: "recall-semseg, OhemCrossEntropy (2021-02)"),
      ])
  }

  public var variant: LossVariant
  public var mode: Mode
  public var fraction: Double
  public var threshold: Double
  public var minKept: Int

  public init(
    variant: LossVariant = .paper, mode: Mode = .fraction, fraction: Double = 0.7,
    threshold: Double = 0.7, minKept: Int = 100_000
  ) {
    self.variant = variant
    self.mode = mode
    self.fraction = fraction
    self.threshold = threshold
    self.minKept = minKept
  }

  public init(_ section: ConfigSection) {
    variant = section.choice(
      "variant", among: [.paper, .recallCode], default: .paper,
      "Whose formula: \"paper\" chooses from the whole batch, \"recall_code\" int(fraction * batch_size) pixels of "
        + "every image row.")
    mode = section.choice("mode", default: .fraction, "Which pixels of the batch are hard.")
    fraction = section.number(
      "fraction", default: 0.7, in: 1e-6...1, "Part of the pixels that is kept.")
    threshold = section.number(
      "threshold", default: 0.7, in: 0...1, "Probability of the true class, for mode threshold.")
    minKept = section.int(
      "min_kept", default: 100_000, in: 1...1_000_000_000,
      "Pixels of the batch that mode threshold keeps at least.")
    if variant == .recallCode, mode != .fraction {
      section.problem(
        "mode", "expected \"fraction\": the recall repository's form knows no threshold",
        hint: "remove mode, or set variant to \"paper\"")
    }
  }

  public func trace(
    logits: Tensor, labels: Tensor, context: LossContext
  ) throws(ShapeError) -> Tensor {
    try checkClasses(logits, context)
    let graph = logits.graph
    let inputs = [
      try pixelLosses(logits, labels, context), labels, classWeights(graph, context),
    ]
    if variant == .recallCode {
      let count = max(1, Int(fraction * Double(logits.shape[0])))
      let op = TopOfRows(ignoreIndex: context.ignoreIndex, count: count)
      return try graph.emit(op, inputs, path: context.path)[0]
    }
    let choice: TopPixels.Choice =
      switch mode {
      case .fraction: .fraction(fraction)
      case .threshold: .above(limit: -log(threshold), kept: minKept)
      }
    let op = TopPixels(ignoreIndex: context.ignoreIndex, choice: choice)
    return try graph.emit(op, inputs, path: context.path)[0]
  }
}
