public import SegCore
public import SegEngine

/// A convolution with its weight (and bias), as `torch.nn.Conv2d`.
public struct Conv2d: Sendable {
  let weight: Parameter
  let bias: Parameter?
  let stride, padding, dilation: Int
  let path: String

  /// - Parameters:
  ///   - kernel: side of the square kernel; padding keeps the size at stride 1.
  ///   - initializer: of the weight; `nil` takes PyTorch's default.
  public init(
    _ scope: Scope, _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, dilation: Int = 1,
    bias hasBias: Bool = false, initializer: Initializer? = nil
  ) {
    let standard = Initializer.uniform(fanIn: input * kernel * kernel)
    path = scope.path
    weight = scope.parameter(
      "weight", [output, input, kernel, kernel], layout: .convolution, initializer ?? standard)
    bias = hasBias ? scope.parameter("bias", [output], standard) : nil
    self.stride = stride
    self.padding = dilation * (kernel - 1) / 2
    self.dilation = dilation
  }

  /// `[N, H, W, C]` to `[N, P, Q, K]`.
  public func callAsFunction(_ x: Tensor) throws(ShapeError) -> Tensor {
    var inputs = [x, x.graph.parameter(weight)]
    if let bias { inputs.append(x.graph.parameter(bias)) }
    let op = Conv2D(
      stride: stride, padding: padding, dilation: dilation, hasBias: bias != nil,
      policy: x.graph.convolution)
    return try x.graph.emit(op, inputs, path: path)[0]
  }
}
