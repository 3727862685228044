/// How many blocks of which kind make a ResNet (He et al. 2016, table 1).
struct ResNetDepth: Sendable {
  /// Blocks of `layer1` to `layer4`.
  let blocks: [Int]
  /// 1x1, 3x3, 1x1 instead of two 3x3.
  let hasBottlenecks: Bool
  let dilation: DilationRule

  /// torchvision's: its bottleneck nets keep the previous dilation in the first block of a dilated stage; stages of
  /// basic blocks, which it has only undilated, are dilated as a whole.
  init(blocks: [Int], hasBottlenecks: Bool) {
    self.init(
      blocks: blocks, hasBottlenecks: hasBottlenecks,
      dilation: hasBottlenecks ? .firstKeepsPrevious : .whole)
  }

  init(blocks: [Int], hasBottlenecks: Bool, dilation: DilationRule) {
    self.blocks = blocks
    self.hasBottlenecks = hasBottlenecks
    self.dilation = dilation
  }

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
    case .resnet18Bottleneck:
      ResNetDepth(blocks: [2, 2, 2, 3], hasBottlenecks: true, dilation: .multiGrid([1, 2, 4]))
    }
  }
}
