import SegCore
import SegEngine
import SegNN

/// One stage of a ResNet, `layer1` to `layer4`: blocks of the same width.
struct ResNetStage: Sendable {
  let blocks: [any ResidualBlock]

  /// - Parameters:
  ///   - index: 0 for `layer1`.
  ///   - stride, dilation: of the stage; its first block has the stride.
  ///   - previousDilation: of the stage before. torchvision's bottleneck nets keep it in the first block of a
  ///     dilated stage; stages of basic blocks, which torchvision has only undilated, are dilated as a whole.
  init(
    _ scope: Scope, _ depth: ResNetDepth, index: Int, stride: Int, dilation: Int,
    previousDilation: Int
  ) {
    let width = ResNetDepth.widths[index]
    let output = depth.channels[index]
    let input = index == 0 ? ResNet.stemChannels : depth.channels[index - 1]
    blocks = (0..<depth.blocks[index]).map { block in
      let isFirst = block == 0
      let channels = isFirst ? input : output
      let step = isFirst ? stride : 1
      if depth.hasBottlenecks {
        return Bottleneck(
          scope / block, channels, width: width, stride: step,
          dilation: isFirst ? previousDilation : dilation)
      }
      return BasicBlock(scope / block, channels, output, stride: step, dilation: dilation)
    }
  }

  func callAsFunction(_ x: Tensor) throws(ShapeError) -> Tensor {
    var y = x
    for block in blocks { y = try block(y) }
    return y
  }
}
