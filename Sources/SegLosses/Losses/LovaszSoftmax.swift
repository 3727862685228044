public import SegCore
public import SegEngine

/// Lovász-softmax (Berman et al. 2018): the convex surrogate of one minus the mean intersection over union.
///
/// `paper`: over the batch. `recall_code`: over each image, mean over images.
public struct LovaszSoftmax: SegmentationLoss {
  public static let name = "lovasz_softmax"
  public static let help =
    "Surrogate of one minus the mean intersection over union, by sorted errors."

  public static let takesClassWeights = false

  public static var explanation: LossExplanation {
    let equation =
      "errors e = |Y − p| of class c, the largest first; J_k = Jaccard loss when the first k pixels are wrong; L_c = Σ_k e_k (J_k − J_{k−1}); L = mean_c L_c"
    let absent = "no part; with classes = all the largest p of the class is its L_c"
    return LossExplanation(
      range: "[0, 1]",
      readings: [
        .init(
          equation: equation,
          reduction: "sort over the valid pixels of the batch, mean over its classes",
          absent: absent,
          source: "Berman et al. 2018, The Lovász-Softmax loss, algorithm 1, equation 11"),
        .init(
          .recallCode, equation: equation,
          reduction:
            "sort over the valid pixels of each image, mean over its classes, mean over all images; one without valid pixels adds 0",
          absent: absent, source: "recall-semseg, LovaszSoftmax with per_image"),
      ])
  }

  /// Which classes the mean is of.
  public enum Classes: String, ConfigChoice {
    case present
    case all

    public var help: String {
      switch self {
      case .present: "those with a pixel in the batch or image"
      case .all: "all; an absent one counts with its largest probability"
      }
    }
  }

  public var variant: LossVariant
  public var classes: Classes

  public init(variant: LossVariant = .paper, classes: Classes = .present) {
    self.variant = variant
    self.classes = classes
  }

  public init(_ section: ConfigSection) {
    variant = section.choice(
      "variant", among: [.paper, .recallCode], default: .paper,
      "Whose formula: \"paper\" sorts the batch, \"recall_code\" each image.")
    classes = section.choice("classes", default: .present, "The classes the mean is of.")
  }

  public func trace(
    logits: Tensor, labels: Tensor, context: LossContext
  ) throws(ShapeError) -> Tensor {
    try checkClasses(logits, context)
    let op = LovaszJaccard(
      ignoreIndex: context.ignoreIndex, perImage: variant == .recallCode,
      allClasses: classes == .all)
    return try logits.graph.emit(op, [logits, labels], path: context.path)[0]
  }
}
