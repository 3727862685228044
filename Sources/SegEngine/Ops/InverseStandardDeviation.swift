public import SegCore

/// `1 / sqrt(variance + epsilon)` of a variance `[C]`: what `BatchNormApply` wants of a running
/// variance. No gradient: running statistics are constants.
public struct InverseStandardDeviation: Op {
  public static let name = "inverse_standard_deviation"
  package let epsilon: Double

  public init(epsilon: Double = 1e-5) { self.epsilon = epsilon }

  public var traits: OpTraits { OpTraits(inPlace: true) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 1, "takes one input, found \(inputs.count)")
    try require(
      inputs[0].shape.rank == 1 && inputs[0].dtype == .float32,
      "the variance is float32 [C], found \(inputs[0])")
    return inputs
  }

  public func run(_ call: borrowing KernelCall) {
    let (variance, result) = (call.input(0), call.output(0))
    for channel in 0..<call.outputs[0].shape.count {
      result[channel] = Float(1 / (Double(variance[channel]) + epsilon).squareRoot())
    }
  }
}
