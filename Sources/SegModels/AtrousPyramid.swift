import SegCore
import SegEngine
import SegNN

/// Atrous spatial pyramid pooling: a 1x1, three atrous 3x3 and a global branch, concatenated and projected
/// (Chen et al. 2017, section 3.3).
struct AtrousPyramid: Sendable {
  /// On the feature map as it is.
  let branches: [ConvBatchNorm]
  /// On its mean.
  let pooled: ConvBatchNorm
  let projection: ConvBatchNorm
  let dropout: DropoutLayer
  let path: String

  /// Rates of the atrous convolutions, which reach equally far in the picture at every output stride: 12, 24, 36 at
  /// stride 8 (Chen et al. 2017, section 4; torchvision has only these), half of them at 16, a quarter at 32.
  static func rates(outputStride: Int) -> [Int] { [12, 24, 36].map { $0 * 8 / outputStride } }

  func callAsFunction(_ x: Tensor) throws(ShapeError) -> Tensor {
    var parts: [Tensor] = []
    for branch in branches { parts.append(try branch(x)) }
    let mean = try x.graph.emit(GlobalAveragePool(), [x], path: "\(path).pool")[0]
    // From one pixel: with corners aligned or not, it is copied.
    parts.append(try pooled(mean).resized(height: x.shape[1], width: x.shape[2], path: path))
    let joined = try x.graph.emit(Concatenate(), parts, path: path)[0]
    return try dropout(projection(joined))
  }
}
