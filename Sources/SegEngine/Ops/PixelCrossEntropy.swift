import CSegKernels
public import SegCore

/// Softmax cross entropy over the pixels of a batch:
/// `Σ w_y · (logsumexp(z) - z_y) / normaliser`, 0 when no pixel counts.
///
/// Pixels labelled `ignoreIndex`, or with a label that is no class, have no part in value nor gradient.
///
/// Inputs: logits `[N, H, W, C]` with 2 to 256 classes, labels `uint8[N, H, W]`, class weights `[C]`
/// (not differentiated). Outputs: loss `[1]` and the normaliser `float64[1]`.
public struct PixelCrossEntropy: Op {
  public static let name = "pixel_cross_entropy"

  /// What the sum over pixels is divided by.
  public enum Normalization: Sendable, CaseIterable {
    /// The number of pixels that count.
    case validPixels
    /// The sum of `w_y` over the pixels that count, as PyTorch does with class weights.
    case sumOfWeights
    /// The number of pixels, those ignored included.
    case allPixels

    var code: Int32 {
      switch self {
      case .validPixels: Int32(SK_VALID_PIXELS)
      case .sumOfWeights: Int32(SK_SUM_OF_WEIGHTS)
      case .allPixels: Int32(SK_ALL_PIXELS)
      }
    }
  }

  let ignoreIndex: Int
  let normalization: Normalization

  public init(ignoreIndex: Int, normalization: Normalization) {
    self.ignoreIndex = ignoreIndex
    self.normalization = normalization
  }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 3, "takes logits, labels and class weights, found \(inputs.count) inputs")
    try checkPixels(logits: inputs[0], labels: inputs[1])
    let classes = inputs[0].shape[3]
    try require(
      inputs[2] == TensorType([classes]),
      "class weights are float32[\(classes)] for \(classes) classes, found \(inputs[2])")
    return [TensorType([1]), TensorType([1], .float64)]
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_pixel_cross_entropy_bytes(inputs[1].shape.count)
  }

  public func run(_ call: borrowing KernelCall) {
    sk_pixel_cross_entropy(
      call.pool, call.output(0), call.output(1, as: Double.self), call.input(0),
      call.input(1, as: UInt8.self), call.input(2), call.inputs[1].shape.count,
      call.inputs[0].shape[3], Int32(clamping: ignoreIndex), normalization.code,
      call.workspace.assumingMemoryBound(to: Double.self))
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard builder.needs(0), let upstream = builder.upstream() else { return }
    let inputs = builder.inputs + [upstream, builder.outputs[1]]
    let gradient = try builder.emit(PixelCrossEntropyGradient(ignoreIndex: ignoreIndex), inputs)
    builder.flow(gradient[0], to: 0)
  }
}

extension Op {
  /// Throws unless `logits` is `[N, H, W, C]` and `labels` `uint8[N, H, W]`.
  func checkPixels(logits: TensorType, labels: TensorType) throws(ShapeError) {
    try require(
      logits.shape.rank == 4 && logits.dtype == .float32,
      "logits are float32 [N, H, W, C], found \(logits)")
    try require(
      (2...256).contains(logits.shape[3]), "takes 2 to 256 classes, found \(logits.shape[3])")
    let expected = TensorType(Shape(Array(logits.shape.dims[..<3])), .uint8)
    try require(
      labels == expected, "labels are \(expected) for logits \(logits.shape), found \(labels)")
  }
}
