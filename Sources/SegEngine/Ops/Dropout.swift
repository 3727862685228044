import CSegKernels
public import SegCore

/// Sets elements to 0 with a probability and scales the others by `1 / (1 − p)`, as `torch.nn.Dropout`.
///
/// Which elements is a pure function of seed, iteration, `stream` and position: nothing is stored for the
/// gradient, and any number of threads draws the same mask.
public struct Dropout: Op {
  public static let name = "dropout"
  public let probability: Double
  /// Tells layers apart.
  public let stream: UInt64

  public init(probability: Double, stream: UInt64) {
    self.probability = probability
    self.stream = stream
  }

  /// Its own gradient: the same mask and scale.
  public var traits: OpTraits { OpTraits(inPlace: true, accumulates: true) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require((0..<1).contains(probability), "probability is in 0..<1, found \(probability)")
    try require(inputs[0].shape.count <= 1 << 32, "\(inputs[0]) has more than 2^32 elements")
    return [inputs[0]]
  }

  public func run(_ call: borrowing KernelCall) {
    sk_dropout(
      call.pool, call.output(0), call.input(0), call.outputs[0].shape.count, call.step.seed,
      call.step.step, stream, probability, call.accumulateFlag(0))
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    builder.flow(try builder.emit(self, [upstream])[0], to: 0)
  }
}
