import CSegKernels
public import SegCore

/// How a batch is predicted, by true class: what curves of training are drawn from (Tian et al. 2022, figure 4).
///
/// Pixels labelled `ignoreIndex`, or with a label that is no class, do not count. The prediction is the largest logit,
/// the first of equals; p is the softmax probability of the true class. There is no gradient.
///
/// Inputs: logits `[N, H, W, C]` with 2 to 256 classes, labels `uint8[N, H, W]`. Output: `float64[C, 4]`, the number of
/// pixels, that of those predicted rightly, the sum of p and the sum of (1 - p)^gamma.
public struct ClassTrace: Op {
  public static let name = "class_trace"

  let ignoreIndex: Int
  let gamma: Double

  /// - Parameter gamma: exponent of the focal weight, at least 0.
  public init(ignoreIndex: Int, gamma: Double) {
    self.ignoreIndex = ignoreIndex
    self.gamma = gamma
  }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 2, "takes logits and labels, found \(inputs.count) inputs")
    try require(gamma >= 0 && gamma.isFinite, "gamma is at least 0, found \(gamma)")
    try checkPixels(logits: inputs[0], labels: inputs[1])
    return [TensorType([inputs[0].shape[3], 4], .float64)]
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_class_trace_bytes(inputs[1].shape.count, inputs[0].shape[3], 4)
  }

  public func run(_ call: borrowing KernelCall) {
    sk_class_trace(
      call.pool, call.output(0, as: Double.self), call.input(0), call.input(1, as: UInt8.self),
      call.inputs[1].shape.count, call.inputs[0].shape[3], Int32(clamping: ignoreIndex),
      Float(gamma), call.workspace.assumingMemoryBound(to: Double.self))
  }

  /// A look at the batch: nothing flows back.
  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {}
}
