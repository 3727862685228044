import CSegKernels
public import SegCore

/// Sets elements to 0 with `probability` and scales the others by `1 / (1 − probability)`, any shape
/// (Srivastava et al. 2014, in the form that leaves evaluation untouched).
///
/// Whether element `i` is kept is a function of (seed, step, `stream`, `i`) alone, so the gradient is the
/// same operation on `dy` and no mask is stored.
public struct Dropout: Op {
  public static let name = "dropout"
  public let probability: Double
  let stream: UInt64

  /// - Parameters:
  ///   - probability: from 0 (a copy) to below 1.
  ///   - stream: tells the dropout layers of a model apart, e.g. `CounterRNG.stream(path)`.
  public init(probability: Double, stream: UInt64) {
    self.probability = probability
    self.stream = stream
  }

  public var traits: OpTraits { OpTraits(inPlace: true, accumulates: true, isCheap: true) }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(inputs.count == 1, "takes one input, found \(inputs.count)")
    try require(inputs[0].dtype == .float32, "takes float32, found \(inputs[0])")
    try require(
      probability >= 0 && probability < 1, "probability is from 0 to below 1, found \(probability)")
    return inputs
  }

  public func run(_ call: borrowing KernelCall) {
    let step = call.step
    sk_dropout(
      call.pool, call.output(0), call.input(0), call.outputs[0].shape.count, probability,
      step.seed, step.step, stream, call.accumulateFlag(0))
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    builder.flow(try builder.emit(self, [upstream])[0], to: 0)
  }
}
