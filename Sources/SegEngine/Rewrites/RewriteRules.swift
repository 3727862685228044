/// The rules plans apply, in this order.
public enum RewriteRules {
  public static let training: [any GraphRewrite] = [
    FuseNormalizationActivation()
  ]

  public static let inference: [any GraphRewrite] = [
    FuseNormalizationActivation()
  ]
}
