import Glibc
public import SegCore
public import SegEngine

/// Label-distribution-aware margin loss (Cao et al. 2019): cross entropy of `s · (z − m_y · onehot(y))`, where rare
/// classes have to win by a larger margin.
///
/// `m_c = n_c^(−1/4) · max_m / max_k n_k^(−1/4)` from the pixel counts n of the training split; a class without pixels
/// has margin 0 and no part in the maximum, and where nothing was counted all margins are `max_m`. It works on the
/// logits as they are, without the normalised features of the paper. With `drw_start` class weights come in late
/// (deferred re-weighting).
public struct LDAM: SegmentationLoss {
  public static let name = "ldam"
  public static let help = "Cross entropy of logits with a larger margin for rarer classes."

  public static let takesClassWeights = true
  public static let readsClassCounts = true

  public static var explanation: LossExplanation {
    LossExplanation(
      range: "[0, ∞)",
      readings: [
        .init(
          equation:
            "L = Σ_i w(y_i) · (−log softmax(s · (z_i − m(y_i) · onehot(y_i)))[y_i]) / Σ_i w(y_i), m_c = n_c^(−1/4) · max_m / max_k n_k^(−1/4) of the training pixels n; w = 1 without class weights and before drw_start",
          reduction: "mean over the valid pixels of the batch, weighted by class",
          absent: "no part; without training pixels m = 0",
          source:
            "Cao et al. 2019, Label-Distribution-Aware Margin Loss; LDAM-DRW, losses.py, cifar_train.py"
        )
      ])
  }

  public var variant: LossVariant
  /// Factor s of the logits.
  public var scale: Double
  /// Margin of the rarest class.
  public var largestMargin: Double
  /// Share of the run after which class weights count; `nil`: from the start where there are some.
  public var deferredStart: Double?

  /// What deferred re-weighting uses where the configuration says nothing else.
  public var defaultClassWeights: ClassWeightsConfig? {
    deferredStart == nil ? nil : .effective(beta: 0.9999)
  }

  public init(scale: Double = 30, largestMargin: Double = 0.5, deferredStart: Double? = nil) {
    variant = .paper
    self.scale = scale
    self.largestMargin = largestMargin
    self.deferredStart = deferredStart
  }

  public init(_ section: ConfigSection) {
    variant = section.choice("variant", among: [.paper], default: .paper, "Whose formula.")
    scale = section.number("s", default: 30, in: 1e-3...1e4, "Factor of the logits.")
    largestMargin = section.number(
      "max_m", default: 0.5, in: 0...100, "Margin of the rarest class.")
    deferredStart = section.optionalNumber(
      "drw_start", in: 0...1,
      "Share of the run after which class weights count (0.8 in the paper): class_weights, or the effective number with beta 0.9999 where there are none. Null: class_weights count from the start."
    )
  }

  public func trace(
    logits: Tensor, labels: Tensor, context: LossContext
  ) throws(ShapeError) -> Tensor {
    try checkClasses(logits, context)
    let graph = logits.graph
    let margins = graph.constant(
      margins(counts: context.classCounts, classes: context.classes).map { Float($0) },
      [context.classes])
    let op = LabelMargin(scale: Float(scale), ignoreIndex: context.ignoreIndex)
    let shifted = try graph.emit(op, [logits, labels, margins], path: context.path)[0]
    let weights = classWeights(graph, context)
    let entropy = PixelCrossEntropy(
      ignoreIndex: context.ignoreIndex,
      normalization: weights == nil ? .validPixels : .sumOfWeights)
    let ones = [Float](repeating: 1, count: context.classes)
    return try graph.emit(
      entropy, [shifted, labels, weights ?? graph.constant(ones, [context.classes])],
      path: context.path)[0]
  }

  /// Margin of each class.
  public func margins(counts: [Int]?, classes: Int) -> [Double] {
    guard let counts, counts.contains(where: { $0 > 0 }) else {
      return [Double](repeating: largestMargin, count: classes)
    }
    let roots = counts.map { $0 > 0 ? pow(Double($0), -0.25) : 0 }
    let largest = roots.max() ?? 1
    return roots.map { $0 * largestMargin / largest }
  }

  /// The weights of the step's iteration; `nil` for a loss that never has any.
  private func classWeights(_ graph: Graph, _ context: LossContext) -> Tensor? {
    guard let start = deferredStart else {
      return context.classWeights.map { graph.constant($0, [context.classes]) }
    }
    let late = context.classWeights ?? [Float](repeating: 1, count: context.classes)
    return graph.stepInput("\(context.path).class_weights", [context.classes]) { time, weights in
      let isLate = Double(time.iteration) >= start * Double(time.iterations)
      for index in 0..<late.count { weights[index] = isLate ? late[index] : 1 }
    }
  }
}
