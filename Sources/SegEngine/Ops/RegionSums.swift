import CSegKernels
public import SegCore

/// Sums of softmax probabilities over each image or the whole batch: all that overlap losses (dice, Jaccard, Tversky)
/// know of logits and labels.
///
/// Inputs: logits `[N, H, W, C]` with 2 to 256 classes, labels `uint8[N, H, W]`. Output: `float64[R, C, 4]`, a
/// `ClassSums` for each class of each region.
public struct RegionSums: Op {
  public static let name = "region_sums"
  let regions: PixelRegions

  public init(_ regions: PixelRegions) { self.regions = regions }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 2, "takes logits and labels, found \(inputs.count) inputs")
    try checkPixels(logits: inputs[0], labels: inputs[1])
    let sizes = regions.sizes(inputs[0].shape)
    return [TensorType([sizes.regions, sizes.classes, ClassSums.count], .float64)]
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_region_sums_bytes(regions.sizes(inputs[0].shape))
  }

  public func run(_ call: borrowing KernelCall) {
    sk_region_sums(
      call.pool, call.output(0, as: Double.self), call.input(0), call.input(1, as: UInt8.self),
      regions.sizes(call.inputs[0].shape), call.workspace.assumingMemoryBound(to: Double.self))
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard builder.needs(0), let slopes = builder.upstream() else { return }
    let gradient = try builder.emit(RegionSumsGradient(regions: regions), builder.inputs + [slopes])
    builder.flow(gradient[0], to: 0)
  }
}

/// What counts as one region, and which of its pixels take part.
public struct PixelRegions: Sendable, Equatable {
  public var ignoreIndex: Int
  /// Each image is a region; otherwise the batch is one.
  public var perImage: Bool
  /// Probabilities of pixels without a class are summed too, as some published code does.
  public var sumsIgnored: Bool

  public init(ignoreIndex: Int, perImage: Bool, sumsIgnored: Bool = false) {
    self.ignoreIndex = ignoreIndex
    self.perImage = perImage
    self.sumsIgnored = sumsIgnored
  }

  /// Sizes for logits `[N, H, W, C]`.
  func sizes(_ logits: Shape) -> sk_regions {
    let images = perImage ? logits[0] : 1
    return sk_regions(
      regions: images, pixels: logits.dims[..<3].reduce(1, *) / max(1, images), classes: logits[3],
      ignore: Int32(clamping: ignoreIndex), sums_ignored: sumsIgnored ? 1 : 0)
  }
}

/// What a region holds of one class, with `p` its probabilities and `Y` 1 at its pixels, else 0; also the derivatives of
/// a loss by these.
public struct ClassSums: Sendable, Equatable {
  /// `Σ p·Y`
  public var overlap = 0.0
  /// `Σ p`
  public var probability = 0.0
  /// `Σ p²`
  public var square = 0.0
  /// `Σ Y`, the number of pixels.
  public var truth = 0.0

  static let count = 4

  public init(overlap: Double = 0, probability: Double = 0, square: Double = 0, truth: Double = 0) {
    self.overlap = overlap
    self.probability = probability
    self.square = square
    self.truth = truth
  }
}

/// Gradient of `RegionSums` through a softmax that is computed anew.
///
/// Inputs: logits `[N, H, W, C]`, labels `uint8[N, H, W]`, derivatives by the sums `float64[R, C, 4]`.
struct RegionSumsGradient: Op {
  static let name = "region_sums_gradient"
  let regions: PixelRegions

  var traits: OpTraits { OpTraits(inPlace: true, accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let expected = try RegionSums(regions).infer(Array(inputs.prefix(2)))
    try require(
      inputs.count == 3 && inputs[2] == expected[0],
      "takes the forward inputs and \(expected[0]), found \(inputs)")
    return [inputs[0]]
  }

  func run(_ call: borrowing KernelCall) {
    sk_region_sums_gradient(
      call.pool, call.output(0), call.input(0), call.input(1, as: UInt8.self),
      call.input(2, as: Double.self), regions.sizes(call.inputs[0].shape), call.accumulateFlag(0))
  }
}
