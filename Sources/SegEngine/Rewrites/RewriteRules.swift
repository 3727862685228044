/// The rules plans apply, in this order.
public enum RewriteRules {
  public static let training: [any GraphRewrite] = [
    FuseNormalizationActivation(),
    FuseResizedRecallWeights(),
    FuseResizedCrossEntropy(withGradient: true),
  ]

  public static let inference: [any GraphRewrite] = [
    FuseNormalizationActivation(),
    FuseResizedRecallWeights(),
    FuseResizedCrossEntropy(withGradient: false),
  ]
}
