public import SegCore
public import SegEngine

/// Softmax cross entropy, as `torch.nn.CrossEntropyLoss`: `Σ w_y · CE / Σ w_y` over the pixels that are
/// not ignored, which without class weights is the mean. 0 when every pixel is ignored (PyTorch: NaN).
public struct CrossEntropy: SegmentationLoss {
  public static let kind = "cross_entropy"
  let context: LossContext

  /// - Throws: `Failure(.badConfig)` when the class weights do not fit the classes.
  public init(_ context: LossContext) throws(Failure) {
    if let weights = context.classWeights {
      guard weights.count == context.classes else {
        throw Failure(
          .badConfig, "class_weights",
          "\(weights.count) weights for \(context.classes) classes",
          hint: "give one number for each class, in the order of the class table")
      }
      guard weights.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
        throw Failure(
          .badConfig, "class_weights", "expected finite numbers from 0 on, found \(weights)")
      }
    }
    self.context = context
  }

  public func callAsFunction(
    logits: Tensor, labels: Tensor, path: String
  ) throws(ShapeError) -> Tensor {
    try checkClasses(logits, context.classes, path: path)
    let classes = context.classes
    let weights = logits.graph.constant(
      context.classWeights ?? [Float](repeating: 1, count: classes), [classes])
    let op = PixelCrossEntropy(
      ignoreIndex: context.ignoreIndex,
      normalization: context.classWeights == nil ? .validPixels : .sumOfWeights)
    return try logits.graph.emit(op, [logits, labels, weights], path: path)[0]
  }
}
