import SegCore
import SegEngine
import SegNN

/// A block of a ResNet: a branch of convolutions and a shortcut, added and rectified.
protocol ResidualBlock: Sendable {
  /// `[N, H, W, C]` to `[N, P, Q, K]`.
  func callAsFunction(_ x: Tensor) throws(ShapeError) -> Tensor
}

extension ConvBatchNorm {
  /// The shortcut's projection where the block changes size or channels, under torchvision's name `downsample`.
  static func shortcut(
    _ scope: Scope, _ input: Int, _ output: Int, stride: Int
  ) -> ConvBatchNorm? {
    if stride == 1, input == output { return nil }
    return ConvBatchNorm(
      scope / "downsample", convolution: "0", norm: "1", input, output, kernel: 1, stride: stride,
      rectifies: false, initializer: .kaimingNormalFanOut)
  }
}

extension Tensor {
  /// The end of a block: `max(0, self + shortcut)`.
  func addingShortcut(_ shortcut: Tensor, path: String) throws(ShapeError) -> Tensor {
    try graph.emit(Add(), [self, shortcut], path: path)[0].rectified(path: path)
  }
}
