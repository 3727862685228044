/// The rules plans apply, in this order.
public enum RewriteRules {
  public static let training: [any GraphRewrite] = [
    FuseNormalizationActivation(),
    FuseConvolutionActivation(),
    FuseMaxPoolActivation(),
    FuseConvolutionStatistics(),
    FuseResizedRecallWeights(),
    FuseResizedPixelLosses(),
    FuseResizedCrossEntropy(withGradient: true),
  ]

  public static let inference: [any GraphRewrite] = [
    FoldBatchNorm(),
    FuseConvolutionRectifier(),
    PrepareConvolutionWeights(),
    FuseNormalizationActivation(),
    FuseAddReLU(),
    FuseResizedRecallWeights(),
    FuseResizedPixelLosses(),
    FuseResizedCrossEntropy(withGradient: false),
  ]
}
