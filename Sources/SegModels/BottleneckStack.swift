public import SegCore
public import SegEngine
public import SegNN

/// `layer3` and `layer4` of a bottleneck ResNet at output stride 8, without stem and head: `[N, H, W, 512]` to
/// `[N, H, W, 2048]`. For benchmarks: nearly all of a deep network's time is spent in these blocks.
public struct BottleneckStack: Sendable {
  /// Channels of the input, those of `layer2`.
  public static let inputChannels = 512

  /// The backbones a stack can be made of: torchvision's deep ones.
  public static let backbones: [Backbone] = [.resnet50, .resnet101, .resnet152]

  let stages: [ResNetStage]

  /// - Parameter backbone: one of `backbones`; gives the number of blocks.
  public init(_ scope: Scope, _ backbone: Backbone) {
    precondition(Self.backbones.contains(backbone), "no stack is made of \(backbone)")
    stages = [2, 3].map { index in
      ResNetStage(
        scope / "layer\(index + 1)", backbone.depth, index: index, stride: 1,
        dilation: 2 * (index - 1), previousDilation: index - 1)
    }
  }

  public func callAsFunction(_ x: Tensor) throws(ShapeError) -> Tensor {
    var y = x
    for stage in stages { y = try stage(y) }
    return y
  }
}
