/// The rules plans apply, in this order.
public enum RewriteRules {
  public static let training: [any GraphRewrite] = [
    FuseNormalizationActivation(), FuseConvolutionActivation(), FuseConvolutionStatistics(),
  ]

  public static let inference: [any GraphRewrite] = [
    FoldBatchNorm(),
    FuseNormalizationActivation(),
    FuseAddReLU(),
  ]
}
