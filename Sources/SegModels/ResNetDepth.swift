/// How many blocks of which kind make a ResNet (He et al. 2016, table 1).
struct ResNetDepth: Sendable {
  /// Blocks of `layer1` to `layer4`.
  let blocks: [Int]
  /// 1x1, 3x3, 1x1 instead of two 3x3.
  let hasBottlenecks: Bool

  /// Output channels of the stages, `layer1` first.
  var channels: [Int] {
    Self.widths.map { hasBottlenecks ? Bottleneck.expansion * $0 : $0 }
  }

  /// Channels of the 3x3 convolutions, by stage.
  static let widths = [64, 128, 256, 512]
}

extension Backbone {
  var depth: ResNetDepth {
    switch self {
    case .resnet18: ResNetDepth(blocks: [2, 2, 2, 2], hasBottlenecks: false)
    case .resnet34: ResNetDepth(blocks: [3, 4, 6, 3], hasBottlenecks: false)
    case .resnet50: ResNetDepth(blocks: [3, 4, 6, 3], hasBottlenecks: true)
    case .resnet101: ResNetDepth(blocks: [3, 4, 23, 3], hasBottlenecks: true)
    case .resnet152: ResNetDepth(blocks: [3, 8, 36, 3], hasBottlenecks: true)
    }
  }
}
