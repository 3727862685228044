import CSegKernels
public import SegCore

/// One weight for each class: the share of its pixels in the batch that the prediction misses
/// (Tian et al. 2022, "Striking the Right Balance: Recall Loss for Semantic Segmentation", equation 4), or the share
/// of the pixels predicted as the class that belong to another.
///
/// The prediction is the largest logit, the first of equals. Pixels labelled `ignoreIndex`, or with a
/// label that is no class, do not count. Counts are integers; there is no gradient.
///
/// Inputs: logits `[N, H, W, C]` with 2 to 256 classes, labels `uint8[N, H, W]`. Output: `[C]`.
public struct RecallWeights: Op {
  public static let name = "recall_weights"

  /// GT and FN: pixels of a class, and those of them that are predicted otherwise.
  public enum Variant: Sendable, CaseIterable {
    /// `FN / (FN + TP)`: 0 for a class that is found completely or absent.
    case paper
    /// `max(FN, 1) / max(GT, 1)`, as in the authors' published code.
    case recallCode
  }

  /// What a weight is one minus of.
  public enum Measure: Sendable, CaseIterable {
    case recall
    /// FP, pixels wrongly predicted as the class, in place of FN, and all pixels predicted as it in place of GT.
    case precision
  }

  let ignoreIndex: Int
  let variant: Variant
  let measure: Measure

  public init(ignoreIndex: Int, variant: Variant, measure: Measure = .recall) {
    self.ignoreIndex = ignoreIndex
    self.variant = variant
    self.measure = measure
  }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 2, "takes logits and labels, found \(inputs.count) inputs")
    try checkPixels(logits: inputs[0], labels: inputs[1])
    return [TensorType([inputs[0].shape[3]])]
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_recall_weights_bytes(inputs[1].shape.count, inputs[0].shape[3])
  }

  public func run(_ call: borrowing KernelCall) {
    sk_recall_weights(
      call.pool, call.output(0), call.input(0), call.input(1, as: UInt8.self),
      call.inputs[1].shape.count, call.inputs[0].shape[3],
      Int32(clamping: ignoreIndex), variant == .recallCode ? 1 : 0,
      measure == .precision ? 1 : 0,
      call.workspace.assumingMemoryBound(to: UInt32.self))
  }

  /// The weights are constants: nothing flows back through the counts.
  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {}
}
