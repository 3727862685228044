public import SegCore

/// An operation that makes one loss of a map of pixel losses: `L = Σ uᵢ · lᵢ`, with shares `u` that are found on the
/// way forward and are constant in the gradient.
///
/// Inputs: losses `[N, H, W]` of 0 or more, labels `uint8[N, H, W]`, class weights `[C]` of 0 or more (not
/// differentiated). Outputs: loss `[1]` and shares `[N, H, W]`, 0 wherever a pixel takes no part.
///
/// Pixels labelled `ignoreIndex`, or with a label that is no class, take no part unless the operation says so.
public protocol PixelReduction: Op {
  var ignoreIndex: Int { get }

  /// Throws unless the options make sense.
  func checkOptions() throws(ShapeError)
}

extension PixelReduction {
  public func checkOptions() throws(ShapeError) {}

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 3, "takes losses, labels and class weights, found \(inputs.count) inputs")
    let (losses, labels, weights) = (inputs[0], inputs[1], inputs[2])
    try require(
      losses.shape.rank == 3 && losses.dtype == .float32 && losses.shape.count > 0,
      "losses are float32 [N, H, W], found \(losses)")
    let expected = TensorType(losses.shape, .uint8)
    try require(labels == expected, "labels are \(expected) like the losses, found \(labels)")
    try require(
      weights.shape.rank == 1 && weights.dtype == .float32 && (2...256).contains(weights.shape[0]),
      "class weights are float32 [C] of 2 to 256 classes, found \(weights)")
    try checkOptions()
    return [TensorType([1]), losses]
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard builder.needs(0), let upstream = builder.upstream() else { return }
    builder.flow(try builder.emit(ScaledGradient(), [builder.outputs[1], upstream])[0], to: 0)
  }
}
