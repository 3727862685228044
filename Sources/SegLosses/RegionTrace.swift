import SegCore
import SegEngine

extension SegmentationLoss {
  /// Traces the mean of `formula` over images or over the batch as one region.
  ///
  /// - Parameter sumsIgnored: probabilities of pixels without a class are summed too.
  func traceRegions(
    _ logits: Tensor, _ labels: Tensor, _ context: LossContext, perImage: Bool,
    sumsIgnored: Bool = false, _ formula: any RegionFormula
  ) throws(ShapeError) -> Tensor {
    try checkClasses(logits, context)
    let regions = PixelRegions(
      ignoreIndex: context.ignoreIndex, perImage: perImage, sumsIgnored: sumsIgnored)
    let sums = try logits.graph.emit(RegionSums(regions), [logits, labels], path: context.path)
    return try logits.graph.emit(RegionLoss(formula), sums, path: context.path)[0]
  }
}
