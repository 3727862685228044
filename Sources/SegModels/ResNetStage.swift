import SegCore
import SegEngine
import SegNN

/// One stage of a ResNet, `layer1` to `layer4`: blocks of the same width.
struct ResNetStage: Sendable {
  let blocks: [any ResidualBlock]

  /// - Parameters:
  ///   - index: 0 for `layer1`.
  ///   - stride: of the first block.
  ///   - dilation: of the stage; `DilationRule` says which of its blocks have it.
  ///   - previousDilation: of the stage before.
  init(
    _ scope: Scope, _ depth: ResNetDepth, index: Int, stride: Int, dilation: Int,
    previousDilation: Int
  ) {
    let width = ResNetDepth.widths[index]
    let output = depth.channels[index]
    let input = index == 0 ? ResNet.stemChannels : depth.channels[index - 1]
    let dilations = depth.dilation.dilations(
      blocks: depth.blocks[index], index: index, rate: dilation, previous: previousDilation)
    blocks = dilations.enumerated().map { block, dilation in
      let channels = block == 0 ? input : output
      let step = block == 0 ? stride : 1
      if depth.hasBottlenecks {
        return Bottleneck(
          scope / block, channels, width: width, stride: step, dilation: dilation)
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
