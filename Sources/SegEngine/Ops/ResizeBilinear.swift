import CSegKernels
public import SegCore

/// Bilinear interpolation to another size, as `torch.nn.functional.interpolate(mode='bilinear')`
/// without antialiasing.
///
/// - `x`: `[N, H, W, C]` to `[N, height, width, C]`.
/// - `alignCorners` true: corner pixels stay corners, `source = i · (H − 1) / (height − 1)`.
/// - `alignCorners` false: edges stay edges, `source = (i + ½) · H / height − ½`, not below 0.
///
/// Sources are computed in single precision, as PyTorch does, so the same pixels are chosen.
/// An unchanged size is a copy. The gradient is the exact transpose.
public struct ResizeBilinear: Op {
  public static let name = "resize_bilinear"
  package let height: Int
  package let width: Int
  public let alignCorners: Bool

  public init(height: Int, width: Int, alignCorners: Bool) {
    self.height = height
    self.width = width
    self.alignCorners = alignCorners
  }

  public var traits: OpTraits { OpTraits(isCheap: true) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 1, "takes one input, found \(inputs.count)")
    let shape = inputs[0].shape
    try require(
      inputs[0].dtype == .float32 && shape.rank == 4,
      "takes float32[N, H, W, C], found \(inputs[0])")
    try require(shape[1] >= 1 && shape[2] >= 1, "there are no pixels in \(inputs[0])")
    try require(
      height >= 1 && width >= 1, "the new size is at least 1 by 1, found \(height) by \(width)")
    return [TensorType([shape[0], height, width, shape[3]])]
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_resize_bilinear_workspace(sizes(inputs[0].shape), workers)
  }

  public func run(_ call: borrowing KernelCall) {
    sk_resize_bilinear(
      call.pool, call.output(0), call.input(0), sizes(call.inputs[0].shape), call.workspace)
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    let gradient = ResizeBilinearGradient(resize: self, input: builder.inputs[0].type)
    builder.flow(try builder.emit(gradient, [upstream])[0], to: 0)
  }

  func sizes(_ input: Shape) -> sk_resize_shape {
    sk_resize_shape(
      n: input[0], h: input[1], w: input[2], c: input[3], p: height, q: width,
      align_corners: alignCorners ? 1 : 0)
  }
}

/// The transpose of the interpolation, first along columns, then along rows. Input: `dy`.
struct ResizeBilinearGradient: Op {
  static let name = "resize_bilinear_gradient"
  let resize: ResizeBilinear
  let input: TensorType

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let outputs = try resize.infer([input])
    try require(
      inputs == outputs,
      "gradient does not belong to a resize of \(input): \(inputs)")
    return [input]
  }

  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_resize_bilinear_gradient_workspace(resize.sizes(input.shape))
  }

  func run(_ call: borrowing KernelCall) {
    sk_resize_bilinear_gradient(
      call.pool, call.output(0), call.input(0), resize.sizes(input.shape), call.accumulateFlag(0),
      call.workspace)
  }
}
