import CSegKernels
public import SegCore

/// Sum over everything but the last axis: `[…, C]` to `[C]`, in double. The gradient of a bias.
public struct ChannelSum: Op {
  public static let name = "channel_sum"

  public init() {}

  public var traits: OpTraits { OpTraits(accumulates: true) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 1 && inputs[0].shape.rank >= 1, "takes one tensor […, C], found \(inputs)")
    return [TensorType([inputs[0].shape.dims.last ?? 1])]
  }

  private func sizes(_ shape: Shape) -> (pixels: Int, channels: Int) {
    let channels = shape.dims.last ?? 1
    return (channels == 0 ? 0 : shape.count / channels, channels)
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    let (pixels, channels) = sizes(inputs[0].shape)
    return sk_channel_sum_bytes(pixels, channels)
  }

  public func run(_ call: borrowing KernelCall) {
    let (pixels, channels) = sizes(call.inputs[0].shape)
    sk_channel_sum(
      call.pool, call.output(0), call.input(0), pixels, channels, call.accumulateFlag(0),
      call.workspace)
  }
}
