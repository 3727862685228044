import CSegKernels
public import SegCore

/// Lovász extension of the Jaccard loss of softmax probabilities (Berman et al. 2018, "The Lovász-Softmax loss",
/// algorithm 1), a mean over the classes of each region and over regions.
///
/// The order of the errors is exact, equal ones stand in the order of pixels; the gradient holds it constant.
/// Pixels without a class have no part in value nor gradient, and a region of nothing else adds 0.
///
/// Inputs: logits `[N, H, W, C]` with 2 to 256 classes, labels `uint8[N, H, W]`. Outputs: loss `[1]` and its
/// derivatives by the probabilities, `[R, C, pixels of a region]`.
///
/// - Cost: a sort for each class, of the pixels whose error is not below the smallest error of the class's own. Workspace
///   16 bytes a pixel and thread.
public struct LovaszJaccard: Op {
  public static let name = "lovasz_jaccard"
  let regions: PixelRegions
  let allClasses: Bool

  /// - Parameter allClasses: absent classes count too, each with its largest probability.
  public init(ignoreIndex: Int, perImage: Bool, allClasses: Bool = false) {
    regions = PixelRegions(ignoreIndex: ignoreIndex, perImage: perImage)
    self.allClasses = allClasses
  }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 2, "takes logits and labels, found \(inputs.count) inputs")
    try checkPixels(logits: inputs[0], labels: inputs[1])
    let sizes = regions.sizes(inputs[0].shape)
    try require(
      sizes.pixels < 1 << 31, "takes less than 2^31 pixels at a time, found \(sizes.pixels)")
    return [TensorType([1]), TensorType([sizes.regions, sizes.classes, sizes.pixels])]
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_lovasz_jaccard_bytes(regions.sizes(inputs[0].shape), workers)
  }

  public func run(_ call: borrowing KernelCall) {
    sk_lovasz_jaccard(
      call.pool, call.output(0), call.output(1), call.input(0), call.input(1, as: UInt8.self),
      regions.sizes(call.inputs[0].shape), allClasses ? 1 : 0, call.workspace)
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard builder.needs(0), let upstream = builder.upstream() else { return }
    let inputs = builder.inputs + [builder.outputs[1], upstream]
    builder.flow(try builder.emit(LovaszJaccardGradient(regions: regions), inputs)[0], to: 0)
  }
}

/// Gradient of `LovaszJaccard` through a softmax that is computed anew.
///
/// Inputs: logits `[N, H, W, C]`, labels `uint8[N, H, W]`, derivatives by the probabilities `[R, C, pixels]`,
/// upstream `[1]`.
struct LovaszJaccardGradient: Op {
  static let name = "lovasz_jaccard_gradient"
  let regions: PixelRegions

  var traits: OpTraits { OpTraits(inPlace: true, accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 4 && inputs[2].shape.count == inputs[0].shape.count
        && inputs[3] == TensorType([1]),
      "takes the forward inputs, derivatives and a scalar gradient, found \(inputs)")
    try checkPixels(logits: inputs[0], labels: inputs[1])
    return [inputs[0]]
  }

  func run(_ call: borrowing KernelCall) {
    sk_lovasz_jaccard_gradient(
      call.pool, call.output(0), call.input(0), call.input(1, as: UInt8.self), call.input(2),
      call.input(3).pointee, regions.sizes(call.inputs[0].shape), call.accumulateFlag(0))
  }
}
