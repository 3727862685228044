import SegCore
import SegEngine
import SegNN

/// torchvision's `DeepLabHead`: atrous spatial pyramid pooling, 3x3, 1x1 to classes (Chen et al. 2017).
struct DeepLabHead: Sendable {
  let pyramid: AtrousPyramid
  let hidden: ConvBatchNorm
  let classifier: Conv2d

  init(_ scope: Scope, channels: Int, classes: Int, rates: [Int], dropout: Double) {
    pyramid = AtrousPyramid(scope / 0, channels: channels, rates: rates, dropout: dropout)
    hidden = ConvBatchNorm(scope, convolution: "1", norm: "2", 256, 256, kernel: 3)
    classifier = Conv2d(scope / "4", 256, classes, kernel: 1, bias: true)
  }

  func callAsFunction(_ features: Tensor) throws(ShapeError) -> Tensor {
    try classifier(hidden(pyramid(features)))
  }
}

extension AtrousPyramid {
  /// With the names of torchvision's `ASPP`.
  init(_ scope: Scope, channels: Int, rates: [Int], dropout probability: Double) {
    let convs = scope / "convs"
    let branches =
      [ConvBatchNorm(convs / 0, convolution: "0", norm: "1", channels, 256, kernel: 1)]
      + rates.enumerated().map { index, rate in
        ConvBatchNorm(
          convs / (index + 1), convolution: "0", norm: "1", channels, 256, kernel: 3, dilation: rate
        )
      }
    // Index 0 of this branch is the pooling itself, which has no parameters.
    let last = convs / (rates.count + 1)
    let pooled = ConvBatchNorm(last, convolution: "1", norm: "2", channels, 256, kernel: 1)
    let projection = ConvBatchNorm(
      scope / "project", convolution: "0", norm: "1", 256 * (rates.count + 2), 256, kernel: 1)
    self.init(
      branches: branches, pooled: pooled, projection: projection,
      dropout: DropoutLayer(scope / "project" / "3", probability: probability), path: scope.path)
  }
}

extension Architecture {
  public static let deepLabV3 = Architecture(
    name: "deeplabv3", scope: "classifier", alignsCorners: false
  ) { root, channels, options in
    let head = DeepLabHead(
      root / "classifier", channels: channels.high, classes: options.classes,
      rates: AtrousPyramid.rates(outputStride: options.outputStride),
      dropout: options.dropout ?? 0.5)
    return { features throws(ShapeError) in try head(features.high) }
  }
}
