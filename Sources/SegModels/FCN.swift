import SegCore
import SegEngine
import SegNN

/// torchvision's `FCNHead`: 3x3 to a quarter of the channels, dropout 0.1, 1x1 to classes. Also the auxiliary head.
struct FCNHead: Sendable {
  let hidden: ConvBatchNorm
  let dropout: DropoutLayer
  let classifier: Conv2d

  init(_ scope: Scope, channels: Int, classes: Int, dropout probability: Double) {
    hidden = ConvBatchNorm(
      scope, convolution: "0", norm: "1", channels, channels / 4, kernel: 3)
    dropout = DropoutLayer(scope / "3", probability: probability)
    classifier = Conv2d(scope / "4", channels / 4, classes, kernel: 1, bias: true)
  }

  func callAsFunction(_ features: Tensor) throws(ShapeError) -> Tensor {
    try classifier(dropout(hidden(features)))
  }
}

extension Architecture {
  public static let fcn = Architecture(
    name: "fcn", scope: "classifier", alignsCorners: false
  ) { root, channels, options in
    let head = FCNHead(
      root / "classifier", channels: channels.high, classes: options.classes,
      dropout: options.dropout ?? 0.1)
    return { features throws(ShapeError) in try head(features.high) }
  }
}
