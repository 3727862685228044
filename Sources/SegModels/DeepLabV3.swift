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

/// Atrous spatial pyramid pooling: a 1x1, three atrous 3x3 and a global branch, concatenated and projected.
struct AtrousPyramid: Sendable {
  let branches: [ConvBatchNorm]
  let pooled: ConvBatchNorm
  let projection: ConvBatchNorm
  let dropout: DropoutLayer
  let path: String

  init(_ scope: Scope, channels: Int, rates: [Int], dropout probability: Double) {
    path = scope.path
    let convs = scope / "convs"
    branches =
      [ConvBatchNorm(convs / 0, convolution: "0", norm: "1", channels, 256, kernel: 1)]
      + rates.enumerated().map { index, rate in
        ConvBatchNorm(
          convs / (index + 1), convolution: "0", norm: "1", channels, 256, kernel: 3, dilation: rate
        )
      }
    // Index 0 of this branch is the pooling itself, which has no parameters.
    let last = convs / (rates.count + 1)
    pooled = ConvBatchNorm(last, convolution: "1", norm: "2", channels, 256, kernel: 1)
    let inputs = 256 * (rates.count + 2)
    projection = ConvBatchNorm(
      scope / "project", convolution: "0", norm: "1", inputs, 256, kernel: 1)
    dropout = DropoutLayer(scope / "project" / "3", probability: probability)
  }

  func callAsFunction(_ x: Tensor) throws(ShapeError) -> Tensor {
    var parts: [Tensor] = []
    for branch in branches { parts.append(try branch(x)) }
    let mean = try x.graph.emit(GlobalAveragePool(), [x], path: "\(path).pool")[0]
    parts.append(try pooled(mean).resized(height: x.shape[1], width: x.shape[2], path: path))
    let joined = try x.graph.emit(Concatenate(), parts, path: path)[0]
    return try dropout(projection(joined))
  }
}
