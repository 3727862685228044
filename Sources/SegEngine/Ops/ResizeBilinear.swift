import CSegKernels
public import SegCore

/// Bilinear resize of `[N, H, W, C]`, as `torch.nn.functional.interpolate(mode="bilinear")`.
///
/// Without `alignCorners` pixel centres are aligned (`(x + 0.5) · in / out − 0.5`, not below 0), with it the corner
/// pixels are. No antialiasing.
public struct ResizeBilinear: Op {
  public static let name = "resize_bilinear"
  public let height, width: Int
  public let alignCorners: Bool

  public init(height: Int, width: Int, alignCorners: Bool) {
    self.height = height
    self.width = width
    self.alignCorners = alignCorners
  }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let x = inputs[0].shape
    try require(x.rank == 4 && x.count > 0, "input is [N, H, W, C], found \(x)")
    try require(height >= 1 && width >= 1, "size \(height)x\(width)")
    return [TensorType([x[0], height, width, x[3]])]
  }

  func descriptor(input x: Shape) -> sk_resize {
    sk_resize(
      n: Int32(x[0]), h: Int32(x[1]), w: Int32(x[2]), c: Int32(x[3]), p: Int32(height),
      q: Int32(width), align_corners: alignCorners ? 1 : 0)
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    var resize = descriptor(input: inputs[0].shape)
    return sk_resize_bilinear_bytes(&resize)
  }

  public func run(_ call: borrowing KernelCall) {
    var resize = descriptor(input: call.inputs[0].shape)
    sk_resize_bilinear(call.pool, &resize, call.output(0), call.input(0), call.workspace)
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    let op = ResizeBilinearGradient(forward: self, input: builder.inputs[0].shape)
    builder.flow(try builder.emit(op, [upstream])[0], to: 0)
  }
}

/// The transpose of a resize, applied to `dy`.
struct ResizeBilinearGradient: Op {
  static let name = "resize_bilinear_gradient"
  let forward: ResizeBilinear
  let input: Shape

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let expected = try forward.infer([TensorType(input)])[0]
    try require(inputs[0] == expected, "gradient is \(expected), found \(inputs[0])")
    return [TensorType(input)]
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    var resize = forward.descriptor(input: input)
    return sk_resize_bilinear_gradient_bytes(&resize)
  }

  func run(_ call: borrowing KernelCall) {
    var resize = forward.descriptor(input: input)
    sk_resize_bilinear_gradient(
      call.pool, &resize, call.output(0), call.input(0), call.accumulateFlag(0), call.workspace)
  }
}
