import CSegKernels
public import SegCore

/// Joins tensors `[N, H, W, Cᵢ]` along the channels.
public struct Concatenate: Op {
  public static let name = "concatenate"

  public init() {}

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(!inputs.isEmpty, "takes at least one input")
    let first = inputs[0].shape
    for input in inputs {
      try require(input.shape.rank == 4, "inputs are [N, H, W, C], found \(input.shape)")
      try require(
        input.shape.dims.dropLast() == first.dims.dropLast(),
        "inputs differ beside their channels: \(first) and \(input.shape)")
    }
    let channels = inputs.reduce(0) { $0 + $1.shape[3] }
    return [TensorType([first[0], first[1], first[2], channels])]
  }

  public func run(_ call: borrowing KernelCall) {
    let output = call.outputs[0].shape
    let pixels = output[0] * output[1] * output[2]
    var offset = 0
    for index in call.inputs.indices {
      let width = call.inputs[index].shape[3]
      sk_copy_channels(
        call.pool, call.output(0), output[3], offset, call.input(index), width, 0, pixels, width, 0)
      offset += width
    }
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    var offset = 0
    for (index, input) in builder.inputs.enumerated() {
      let width = input.shape[3]
      if builder.needs(index) {
        let slice = ChannelSlice(first: offset, width: width)
        builder.flow(try builder.emit(slice, [upstream])[0], to: index)
      }
      offset += width
    }
  }
}

/// Channels `first ..< first + width` of `[N, H, W, C]`.
struct ChannelSlice: Op {
  static let name = "channel_slice"
  let first, width: Int

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let shape = inputs[0].shape
    try require(
      shape.rank == 4 && first + width <= shape[3],
      "channels \(first)..<\(first + width) of \(shape)")
    return [TensorType([shape[0], shape[1], shape[2], width])]
  }

  func run(_ call: borrowing KernelCall) {
    let shape = call.inputs[0].shape
    sk_copy_channels(
      call.pool, call.output(0), width, 0, call.input(0), shape[3], first,
      shape[0] * shape[1] * shape[2], width, call.accumulateFlag(0))
  }
}
