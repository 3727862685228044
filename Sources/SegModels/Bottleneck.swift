import SegCore
import SegEngine
import SegNN

/// 1x1, 3x3, 1x1 with a shortcut: the block of ResNet-50 and deeper (He et al. 2016), as torchvision has it.
///
/// The stride lies on the 3x3 ("v1.5"), where the paper has it on the first 1x1.
struct Bottleneck: ResidualBlock {
  /// Output channels per channel of the 3x3.
  static let expansion = 4

  let reduce, convolution, expand: ConvBatchNorm
  let downsample: ConvBatchNorm?
  let path: String

  /// - Parameters:
  ///   - width: channels of the 3x3; the block gives four times as many.
  ///   - dilation: of the 3x3.
  init(_ scope: Scope, _ input: Int, width: Int, stride: Int, dilation: Int) {
    let output = Self.expansion * width
    path = scope.path
    reduce = ConvBatchNorm(
      scope, convolution: "conv1", norm: "bn1", input, width, kernel: 1,
      initializer: .kaimingNormalFanOut)
    convolution = ConvBatchNorm(
      scope, convolution: "conv2", norm: "bn2", width, width, kernel: 3, stride: stride,
      dilation: dilation, initializer: .kaimingNormalFanOut)
    expand = ConvBatchNorm(
      scope, convolution: "conv3", norm: "bn3", width, output, kernel: 1, rectifies: false,
      initializer: .kaimingNormalFanOut)
    downsample = ConvBatchNorm.shortcut(scope, input, output, stride: stride)
  }

  func callAsFunction(_ x: Tensor) throws(ShapeError) -> Tensor {
    try expand(convolution(reduce(x))).addingShortcut(downsample?(x) ?? x, path: path)
  }
}
