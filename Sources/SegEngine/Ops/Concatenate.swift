import CSegKernels
public import SegCore

/// Tensors side by side along the last axis, e.g. `[N, H, W, C₀]` and `[N, H, W, C₁]` to
/// `[N, H, W, C₀ + C₁]`; any number of them, any rank.
public struct Concatenate: Op {
  public static let name = "concatenate"

  public init() {}

  public var traits: OpTraits { OpTraits(isCheap: true) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard let first = inputs.first else {
      throw ShapeError(op: Self.name, "takes at least one input, found none")
    }
    try require(first.shape.rank >= 1, "a scalar has no axis to join: \(first)")
    for (index, input) in inputs.enumerated() {
      try require(input.dtype == .float32, "input \(index) is \(input), expected float32")
      try require(
        input.shape.dims.dropLast() == first.shape.dims.dropLast(),
        "all extents but the last must agree: input 0 is \(first), input \(index) is \(input)")
    }
    var shape = first.shape
    shape.dims[shape.rank - 1] = inputs.reduce(0) { $0 + $1.channels }
    return [TensorType(shape)]
  }

  public func run(_ call: borrowing KernelCall) {
    let total = call.outputs[0].channels
    var start = 0
    for (index, type) in call.inputs.enumerated() {
      sk_copy_columns(
        call.pool, call.output(0) + start, total, call.input(index), type.channels, type.rows,
        type.channels, 0)
      start += type.channels
    }
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    var start = 0
    for (index, input) in builder.inputs.enumerated() {
      let slice = ChannelSlice(start: start, count: input.type.channels)
      start += slice.count
      guard builder.needs(index) else { continue }
      builder.flow(try builder.emit(slice, [upstream])[0], to: index)
    }
  }
}

/// Channels `start ..< start + count` of the last axis.
struct ChannelSlice: Op {
  static let name = "channel_slice"
  let start: Int
  let count: Int

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 1 && inputs[0].dtype == .float32 && inputs[0].shape.rank >= 1,
      "takes one float32 tensor with channels, found \(inputs)")
    try require(
      start >= 0 && count >= 0 && start + count <= inputs[0].channels,
      "channels \(start) ..< \(start + count) are not in \(inputs[0])")
    var shape = inputs[0].shape
    shape.dims[shape.rank - 1] = count
    return [TensorType(shape)]
  }

  func run(_ call: borrowing KernelCall) {
    sk_copy_columns(
      call.pool, call.output(0), count, call.input(0) + start, call.inputs[0].channels,
      call.inputs[0].rows, count, call.accumulateFlag(0))
  }
}

extension TensorType {
  /// Extent of the last axis.
  fileprivate var channels: Int { shape.dims.last ?? 1 }
  /// Product of all other extents.
  fileprivate var rows: Int { shape.dims.dropLast().reduce(1, *) }
}
