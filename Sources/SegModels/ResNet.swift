import SegCore
import SegEngine
import SegNN

/// Two 3x3 convolutions with a shortcut: the block of ResNet-18 and 34 (He et al. 2016).
struct BasicBlock: Sendable {
  let first, second: ConvBatchNorm
  let downsample: ConvBatchNorm?
  let path: String

  /// - Parameter dilation: of both convolutions; torchvision leaves a dilated BasicBlock undefined, and this is
  ///   what pretrained encoders use elsewhere.
  init(_ scope: Scope, _ input: Int, _ output: Int, stride: Int, dilation: Int) {
    path = scope.path
    first = ConvBatchNorm(
      scope, convolution: "conv1", norm: "bn1", input, output, kernel: 3, stride: stride,
      dilation: dilation, initializer: .kaimingNormalFanOut)
    second = ConvBatchNorm(
      scope, convolution: "conv2", norm: "bn2", output, output, kernel: 3, dilation: dilation,
      rectifies: false, initializer: .kaimingNormalFanOut)
    downsample =
      stride == 1 && input == output
      ? nil
      : ConvBatchNorm(
        scope / "downsample", convolution: "0", norm: "1", input, output, kernel: 1, stride: stride,
        rectifies: false, initializer: .kaimingNormalFanOut)
  }

  func callAsFunction(_ x: Tensor) throws(ShapeError) -> Tensor {
    let y = try second(first(x))
    let shortcut = try downsample?(x) ?? x
    return try x.graph.emit(Add(), [y, shortcut], path: path)[0].rectified(path: path)
  }
}

/// ResNet-18 without its classifier, with ImageNet names (`conv1`, `bn1`, `layer1.0.conv1`, …).
///
/// Below output stride 32 the last stages trade their stride for dilation: at 16 layer4 has rate 2, at 8
/// layer3 has rate 2 and layer4 rate 4, in every convolution of the stage.
struct ResNet: Sendable {
  let stem: ConvBatchNorm
  let layers: [[BasicBlock]]
  let path: String
  /// Channels of `layer3` and `layer4`.
  let auxiliaryChannels = 256
  let channels = 512

  init(_ scope: Scope, outputStride: Int) {
    path = scope.path
    stem = ConvBatchNorm(
      scope, convolution: "conv1", norm: "bn1", 3, 64, kernel: 7, stride: 2,
      initializer: .kaimingNormalFanOut)
    var layers: [[BasicBlock]] = []
    var (input, dilation, stride) = (64, 1, 4)
    for (index, output) in [64, 128, 256, 512].enumerated() {
      let wanted = index == 0 ? 1 : 2
      let step = stride * wanted <= outputStride ? wanted : 1
      dilation *= wanted / step
      stride *= step
      let layer = scope / "layer\(index + 1)"
      layers.append([
        BasicBlock(layer / 0, input, output, stride: step, dilation: dilation),
        BasicBlock(layer / 1, output, output, stride: 1, dilation: dilation),
      ])
      input = output
    }
    self.layers = layers
  }

  /// Features after `layer3` and `layer4`.
  func callAsFunction(_ image: Tensor) throws(ShapeError) -> (auxiliary: Tensor, features: Tensor) {
    let pool = MaxPool(kernel: 3, stride: 2, padding: 1)
    var x = try image.graph.emit(pool, [stem(image)], path: "\(path).maxpool")[0]
    var stages: [Tensor] = []
    for layer in layers {
      for block in layer { x = try block(x) }
      stages.append(x)
    }
    return (stages[2], stages[3])
  }
}
