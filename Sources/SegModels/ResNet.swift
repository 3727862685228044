import SegCore
import SegEngine
import SegNN

/// A ResNet without its classifier, with ImageNet names (`conv1`, `bn1`, `layer1.0.conv1`, …).
///
/// Below output stride 32 the last stages trade their stride for dilation: at 16 layer4 has rate 2, at 8
/// layer3 has rate 2 and layer4 rate 4 (`DilationRule` says in which of their blocks).
struct ResNet: Sendable {
  static let stemChannels = 64

  let stem: ConvBatchNorm
  let stages: [ResNetStage]
  let path: String
  let channels: BackboneFeatures.Channels

  init(_ scope: Scope, _ depth: ResNetDepth, outputStride: Int) {
    path = scope.path
    channels = BackboneFeatures.Channels(
      lowLevel: depth.channels[0], auxiliary: depth.channels[2], high: depth.channels[3])
    stem = ConvBatchNorm(
      scope, convolution: "conv1", norm: "bn1", 3, Self.stemChannels, kernel: 7, stride: 2,
      initializer: .kaimingNormalFanOut)
    var stages: [ResNetStage] = []
    var (stride, dilation) = (4, 1)
    for index in depth.blocks.indices {
      let wanted = index == 0 ? 1 : 2
      let step = stride * wanted <= outputStride ? wanted : 1
      let previous = dilation
      dilation *= wanted / step
      stride *= step
      stages.append(
        ResNetStage(
          scope / "layer\(index + 1)", depth, index: index, stride: step, dilation: dilation,
          previousDilation: previous))
    }
    self.stages = stages
  }

  func callAsFunction(_ image: Tensor) throws(ShapeError) -> BackboneFeatures {
    let pool = MaxPool(kernel: 3, stride: 2, padding: 1)
    var x = try image.graph.emit(pool, [stem(image)], path: "\(path).maxpool")[0]
    var features: [Tensor] = []
    for stage in stages {
      x = try stage(x)
      features.append(x)
    }
    return BackboneFeatures(lowLevel: features[0], auxiliary: features[2], high: features[3])
  }
}
