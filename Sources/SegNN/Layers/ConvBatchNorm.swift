public import SegCore
public import SegEngine

/// A convolution without bias, batch normalisation, and usually a rectifier: the field's building block.
public struct ConvBatchNorm: Sendable {
  let convolution: Conv2d
  let norm: BatchNorm2d
  let rectifies: Bool

  /// - Parameters:
  ///   - convolution: name under `scope`, as the checkpoint has it, e.g. `conv1`; `norm` likewise.
  public init(
    _ scope: Scope, convolution: String, norm: String, _ input: Int, _ output: Int, kernel: Int,
    stride: Int = 1, dilation: Int = 1, rectifies: Bool = true, initializer: Initializer? = nil
  ) {
    self.convolution = Conv2d(
      scope / convolution, input, output, kernel: kernel, stride: stride, dilation: dilation,
      initializer: initializer)
    self.norm = BatchNorm2d(scope / norm, output)
    self.rectifies = rectifies
  }

  public func callAsFunction(_ x: Tensor) throws(ShapeError) -> Tensor {
    let y = try norm(convolution(x))
    return rectifies ? try y.rectified(path: norm.path) : y
  }
}

extension Tensor {
  /// `max(0, x)`.
  public func rectified(path: String) throws(ShapeError) -> Tensor {
    try graph.emit(ReLU(), [self], path: path)[0]
  }

  /// Bilinear resize as `interpolate(mode="bilinear", align_corners=…)`; the same tensor when the size fits.
  public func resized(
    height: Int, width: Int, alignCorners: Bool = false, path: String
  ) throws(ShapeError) -> Tensor {
    if shape[1] == height, shape[2] == width { return self }
    let op = ResizeBilinear(height: height, width: width, alignCorners: alignCorners)
    return try graph.emit(op, [self], path: path)[0]
  }
}
