public import SegCore

/// A moving average of class weights over the batches of a run: `a = alpha · new + (1 - alpha) · a` for the classes of
/// this batch; those it has no pixel of keep theirs.
///
/// Inputs: weights of this batch `[C]`, labels `uint8[N, H, W]`, then the buffer it updates, the average `[C]`. Output:
/// the average `[C]`. There is no gradient.
public struct AveragedWeights: Op {
  public static let name = "averaged_weights"
  let alpha: Double
  let ignoreIndex: Int

  /// - Parameter alpha: the new weights' part, above 0 and at most 1.
  public init(alpha: Double, ignoreIndex: Int) {
    self.alpha = alpha
    self.ignoreIndex = ignoreIndex
  }

  public var traits: OpTraits { OpTraits(updates: [2]) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 3, "takes weights, labels and their average, found \(inputs.count) inputs")
    try require(
      inputs[0].shape.rank == 1 && inputs[0].dtype == .float32 && inputs[0].shape.count <= 256,
      "weights are float32 [C] of at most 256 classes, found \(inputs[0])")
    try require(inputs[1].dtype == .uint8, "labels are uint8, found \(inputs[1])")
    try require(inputs[2] == inputs[0], "the average is \(inputs[0]), found \(inputs[2])")
    try require(alpha > 0 && alpha <= 1, "alpha is above 0 and at most 1, found \(alpha)")
    return [inputs[0]]
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int { 256 }

  public func run(_ call: borrowing KernelCall) {
    let isPresent = call.workspace.assumingMemoryBound(to: UInt8.self)
    for label in 0..<256 { isPresent[label] = 0 }
    let labels = call.input(1, as: UInt8.self)
    for pixel in 0..<call.inputs[1].shape.count { isPresent[Int(labels[pixel])] = 1 }
    let (new, average, output) = (call.input(0), call.updated(2), call.output(0))
    for label in 0..<call.inputs[0].shape.count {
      if isPresent[label] == 1, label != ignoreIndex {
        average[label] = Float(
          alpha * Double(new[label]) + (1 - alpha) * Double(average[label]))
      }
      output[label] = average[label]
    }
  }

  /// The weights are constants: nothing flows back through the counts.
  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {}
}
