import CSegKernels
public import SegCore

/// `scale · (z − m_y · onehot(y))`: logits whose true class is held back by its margin, then scaled (Cao et al. 2019,
/// "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss").
///
/// Pixels labelled `ignoreIndex`, or with a label that is no class, are scaled alone.
///
/// Inputs: logits `[N, H, W, C]` with 2 to 256 classes, labels `uint8[N, H, W]`, margins `[C]` (not differentiated).
/// Output: as the logits.
public struct LabelMargin: Op {
  public static let name = "label_margin"

  let scale: Float
  let ignoreIndex: Int

  public init(scale: Float, ignoreIndex: Int) {
    self.scale = scale
    self.ignoreIndex = ignoreIndex
  }

  public var traits: OpTraits { OpTraits(inPlace: true, isCheap: true) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 3, "takes logits, labels and margins, found \(inputs.count) inputs")
    try checkPixels(logits: inputs[0], labels: inputs[1])
    let classes = inputs[0].shape[3]
    try require(
      inputs[2] == TensorType([classes]),
      "margins are float32[\(classes)] for \(classes) classes, found \(inputs[2])")
    return [inputs[0]]
  }

  public func run(_ call: borrowing KernelCall) {
    sk_label_margin(
      call.pool, call.output(0), call.input(0), call.input(1, as: UInt8.self), call.input(2),
      scale, call.inputs[1].shape.count, call.inputs[0].shape[3], Int32(clamping: ignoreIndex))
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard builder.needs(0), let upstream = builder.upstream() else { return }
    builder.flow(try builder.emit(LabelMarginGradient(scale: scale), [upstream])[0], to: 0)
  }
}

/// `scale · dy`. Input: `dy`.
struct LabelMarginGradient: Op {
  static let name = "label_margin_gradient"
  let scale: Float

  var traits: OpTraits { OpTraits(inPlace: true, accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 1 && inputs[0].dtype == .float32, "takes a gradient, found \(inputs)")
    return inputs
  }

  func run(_ call: borrowing KernelCall) {
    sk_scale(
      call.pool, call.output(0), call.input(0), scale, call.inputs[0].shape.count,
      call.accumulateFlag(0))
  }
}
