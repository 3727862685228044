import SegCore
import SegEngine
import SegNN

/// Two 3x3 convolutions with a shortcut: the block of ResNet-18 and 34 (He et al. 2016).
struct BasicBlock: ResidualBlock {
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
    downsample = ConvBatchNorm.shortcut(scope, input, output, stride: stride)
  }

  func callAsFunction(_ x: Tensor) throws(ShapeError) -> Tensor {
    try second(first(x)).addingShortcut(downsample?(x) ?? x, path: path)
  }
}
