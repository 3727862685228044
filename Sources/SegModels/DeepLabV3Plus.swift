import SegCore
import SegEngine
import SegNN

/// DeepLabV3+ (Chen et al. 2018) as the recall loss's repository has it: the pyramid's output at stride 4 beside 48
/// channels made of `layer1`, two 3x3, 1x1 to classes.
///
/// Names are the repository's on every backbone: `aspp` and `decoder`, beside `backbone`.
struct DeepLabV3PlusHead: Sendable {
  let pyramid: AtrousPyramid
  let lowLevel: ConvBatchNorm
  let first, second: ConvBatchNorm
  let firstDropout, secondDropout: DropoutLayer
  let classifier: Conv2d
  let path: String

  /// - Parameter dropout: replaces all three probabilities: 0.5 in the pyramid, 0.5 and 0.1 in the decoder.
  init(
    _ root: Scope, channels: BackboneFeatures.Channels, classes: Int, rates: [Int], dropout: Double?
  ) {
    pyramid = AtrousPyramid(
      recall: root / "aspp", channels: channels.high, rates: rates, dropout: dropout ?? 0.5)
    let scope = root / "decoder"
    path = scope.path
    lowLevel = ConvBatchNorm(
      scope, convolution: "conv1", norm: "bn1", channels.lowLevel, 48, kernel: 1,
      initializer: .kaimingNormalFanIn)
    let last = scope / "last_conv"
    first = ConvBatchNorm(
      last, convolution: "0", norm: "1", 256 + 48, 256, kernel: 3,
      initializer: .kaimingNormalFanIn)
    firstDropout = DropoutLayer(last / "3", probability: dropout ?? 0.5)
    second = ConvBatchNorm(
      last, convolution: "4", norm: "5", 256, 256, kernel: 3, initializer: .kaimingNormalFanIn)
    secondDropout = DropoutLayer(last / "7", probability: dropout ?? 0.1)
    classifier = Conv2d(
      last / "8", 256, classes, kernel: 1, bias: true, initializer: .kaimingNormalFanIn)
  }

  func callAsFunction(_ features: BackboneFeatures) throws(ShapeError) -> Tensor {
    let context = try pyramid(features.high)
    let detail = try lowLevel(features.lowLevel)
    let enlarged = try context.resized(
      height: detail.shape[1], width: detail.shape[2], alignCorners: true, path: path)
    let joined = try detail.graph.emit(Concatenate(), [enlarged, detail], path: path)[0]
    let mixed = try secondDropout(second(firstDropout(first(joined))))
    return try classifier(mixed)
  }
}

extension AtrousPyramid {
  /// With the recall repository's names and initialisation.
  init(recall scope: Scope, channels: Int, rates: [Int], dropout probability: Double) {
    func branch(_ index: Int, kernel: Int, rate: Int) -> ConvBatchNorm {
      ConvBatchNorm(
        scope / "aspp\(index)", convolution: "atrous_conv", norm: "bn", channels, 256,
        kernel: kernel, dilation: rate, initializer: .kaimingNormalFanIn)
    }
    let branches =
      [branch(1, kernel: 1, rate: 1)]
      + rates.enumerated().map { index, rate in branch(index + 2, kernel: 3, rate: rate) }
    // Index 0 of this branch is the pooling itself, which has no parameters.
    let pooled = ConvBatchNorm(
      scope / "global_avg_pool", convolution: "1", norm: "2", channels, 256, kernel: 1,
      initializer: .kaimingNormalFanIn)
    let projection = ConvBatchNorm(
      scope, convolution: "conv1", norm: "bn1", 256 * (rates.count + 2), 256, kernel: 1,
      initializer: .kaimingNormalFanIn)
    self.init(
      branches: branches, pooled: pooled, projection: projection,
      dropout: DropoutLayer(scope / "dropout", probability: probability), path: scope.path)
  }
}

extension Architecture {
  public static let deepLabV3Plus = Architecture(
    name: "deeplabv3plus", scope: "decoder", alignsCorners: true
  ) { root, channels, options in
    let head = DeepLabV3PlusHead(
      root, channels: channels, classes: options.classes,
      rates: AtrousPyramid.rates(outputStride: options.outputStride), dropout: options.dropout)
    return { features throws(ShapeError) in try head(features) }
  }
}
