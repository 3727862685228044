import CSegKernels
import SegCore

/// A gradient found on the way forward, times upstream. Inputs: a tensor, upstream `[1]`.
struct ScaledGradient: Op {
  static let name = "scaled_gradient"

  var traits: OpTraits { OpTraits(inPlace: true, accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 2 && inputs[0].dtype == .float32 && inputs[1] == TensorType([1]),
      "takes a gradient and a scalar gradient, found \(inputs)")
    return [inputs[0]]
  }

  func run(_ call: borrowing KernelCall) {
    sk_scale(
      call.pool, call.output(0), call.input(0), call.input(1).pointee, call.inputs[0].shape.count,
      call.accumulateFlag(0))
  }
}
