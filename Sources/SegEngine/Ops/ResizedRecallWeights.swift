import CSegKernels
public import SegCore

/// `RecallWeights` of the output of `ResizeBilinear`, in one pass that keeps no logits of the new size.
///
/// The same counts, but where rounding decides between two classes.
///
/// Inputs: logits `[N, H, W, C]` with 2 to 256 classes, labels `uint8[N, height, width]`. Output: `[C]`.
public struct ResizedRecallWeights: Op {
  public static let name = "resized_recall_weights"
  let resize: ResizeBilinear
  let recall: RecallWeights

  public init(_ resize: ResizeBilinear, _ recall: RecallWeights) {
    self.resize = resize
    self.recall = recall
  }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 2, "takes logits and labels, found \(inputs.count) inputs")
    return try recall.infer(resize.infer([inputs[0]]) + [inputs[1]])
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_resized_recall_weights_workspace(resize.sizes(inputs[0].shape))
  }

  public func run(_ call: borrowing KernelCall) {
    sk_resized_recall_weights(
      call.pool, call.output(0), call.input(0), call.input(1, as: UInt8.self),
      resize.sizes(call.inputs[0].shape), Int32(clamping: recall.ignoreIndex),
      recall.variant == .recallCode ? 1 : 0, recall.measure == .precision ? 1 : 0, call.workspace)
  }

  /// The weights are constants: nothing flows back through the counts.
  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {}
}
