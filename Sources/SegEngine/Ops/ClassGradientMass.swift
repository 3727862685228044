import CSegKernels
public import SegCore

/// The mass of a gradient, by true class: the sum of `|dL/dz|` over pixels and channels.
///
/// Inputs: gradient of the logits `[N, H, W, C]` with 2 to 256 classes, labels `uint8[N, H, W]`. Output:
/// `float64[C + 1]`, last the mass of pixels that are ignored or of no class, which some published losses do push.
public struct ClassGradientMass: Op {
  public static let name = "class_gradient_mass"

  let ignoreIndex: Int

  public init(ignoreIndex: Int) { self.ignoreIndex = ignoreIndex }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 2, "takes a gradient and labels, found \(inputs.count) inputs")
    try checkPixels(logits: inputs[0], labels: inputs[1])
    return [TensorType([inputs[0].shape[3] + 1], .float64)]
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    sk_class_trace_bytes(inputs[1].shape.count, inputs[0].shape[3] + 1, 1)
  }

  public func run(_ call: borrowing KernelCall) {
    sk_class_gradient_mass(
      call.pool, call.output(0, as: Double.self), call.input(0), call.input(1, as: UInt8.self),
      call.inputs[1].shape.count, call.inputs[0].shape[3], Int32(clamping: ignoreIndex),
      call.workspace.assumingMemoryBound(to: Double.self))
  }

  /// A look at the batch: nothing flows back.
  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {}
}
