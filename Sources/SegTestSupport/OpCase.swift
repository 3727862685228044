public import SegCore
public import SegEngine
public import Testing

/// A plain array of doubles with a shape: what reference implementations compute on.
public struct Reference: Sendable {
  public var shape: Shape
  public var values: [Double]

  public init(_ shape: Shape, _ values: [Double]) {
    precondition(shape.count == values.count)
    self.shape = shape
    self.values = values
  }

  public init(zeros shape: Shape) {
    self.init(shape, [Double](repeating: 0, count: shape.count))
  }

  /// Position of an index, outermost first.
  public func offset(_ index: [Int]) -> Int {
    zip(index, shape.dims).reduce(0) { $0 * $1.1 + $1.0 }
  }

  public subscript(index: Int...) -> Double {
    get { values[offset(index)] }
    set { values[offset(index)] = newValue }
  }
}

/// One input of a case: its type, its values, and whether its gradient is checked.
public struct OpInput: Sendable {
  public var type: TensorType
  public var values: [Double]
  public var isDifferentiable: Bool

  /// Values in `range` from a fixed stream; floats that `avoiding` rejects are drawn again (kinks).
  public static func random(
    _ shape: Shape, in range: ClosedRange<Double> = -1...1, seed: UInt64 = 1,
    differentiable: Bool = true, avoiding: (Double) -> Bool = { abs($0) < 0.02 }
  ) -> OpInput {
    var rng = CounterRNG(seed: seed, stream: UInt64(shape.count))
    let values = (0..<shape.count).map { _ in
      var value = 0.0
      // Rounded to Float first, so that reference and kernel see the same number.
      repeat {
        value = Double(Float(rng.uniform(range.lowerBound, range.upperBound)))
      } while avoiding(value)
      return value
    }
    return OpInput(type: TensorType(shape), values: values, isDifferentiable: differentiable)
  }

  /// Labels in `0..<classes`, with a share of `ignoring` pixels set to `ignoreIndex`.
  public static func labels(
    _ shape: Shape, classes: Int, ignoring share: Double = 0.2, ignoreIndex: Int = 255,
    seed: UInt64 = 2
  ) -> OpInput {
    var rng = CounterRNG(seed: seed, stream: UInt64(shape.count))
    let values = (0..<shape.count).map { _ in
      rng.uniform() < share ? Double(ignoreIndex) : Double(rng.integer(in: 0..<classes))
    }
    return OpInput(type: TensorType(shape, .uint8), values: values, isDifferentiable: false)
  }

  public static func fixed(_ shape: Shape, _ values: [Double]) -> OpInput {
    OpInput(type: TensorType(shape), values: values, isDifferentiable: false)
  }
}

/// Everything `OpCheck` needs to know about one use of an operation.
public struct OpCase: Sendable, CustomTestStringConvertible {
  public var name: String
  public var inputs: [OpInput]
  /// Traces the operation under test; returns the outputs to compare.
  public var build: @Sendable (Graph, [Tensor]) throws -> [Tensor]
  /// The same computed naively in Double.
  public var reference: @Sendable ([Reference]) -> [Reference]
  /// Gradients of all inputs (`nil`: none), given those of the differentiable outputs, naively in Double. Where
  /// given, every element is compared with them; else some elements with differences of `reference`.
  public var referenceGradient: (@Sendable ([Reference], [Reference]) -> [Reference?])?
  /// Largest error as a part of the largest value, for algorithms that round more than a sum does.
  public var leastTolerance = 0.0
  /// Terms summed into one output (and into one gradient element): sets the tolerance.
  public var summedTerms: Int
  public var gradientTerms: Int
  /// Outputs whose gradient is checked; others (masks, statistics) are only compared.
  public var differentiableOutputs: [Int]

  public init(
    _ name: String, inputs: [OpInput], summedTerms: Int = 1, gradientTerms: Int? = nil,
    differentiableOutputs: [Int] = [0],
    build: @escaping @Sendable (Graph, [Tensor]) throws -> [Tensor],
    reference: @escaping @Sendable ([Reference]) -> [Reference]
  ) {
    self.name = name
    self.inputs = inputs
    self.build = build
    self.reference = reference
    self.summedTerms = summedTerms
    self.gradientTerms = gradientTerms ?? summedTerms
    self.differentiableOutputs = differentiableOutputs
  }

  public var testDescription: String { name }
}
