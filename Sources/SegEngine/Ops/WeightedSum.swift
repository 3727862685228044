public import SegCore

/// `Σ cᵢ · Lᵢ` of k scalars, with coefficients that may change from step to step.
///
/// Inputs: k tensors `[1]`, then the coefficients `[k]` (not differentiated). Output: `[1]`.
public struct WeightedSum: Op {
  public static let name = "weighted_sum"

  public init() {}

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    let terms = inputs.count - 1
    try require(
      (1...32).contains(terms), "takes 1 to 32 terms and their coefficients, found \(terms) terms")
    for (index, term) in inputs.dropLast().enumerated() {
      try require(term == TensorType([1]), "term \(index) is float32[1], found \(term)")
    }
    try require(
      inputs[terms] == TensorType([terms]),
      "coefficients are float32[\(terms)] for \(terms) terms, found \(inputs[terms])")
    return [TensorType([1])]
  }

  public func run(_ call: borrowing KernelCall) {
    let terms = call.inputs.count - 1
    let coefficients = call.input(terms)
    var sum = 0.0
    for term in 0..<terms {
      sum += Double(coefficients[term]) * Double(call.input(term).pointee)
    }
    call.output(0).pointee = Float(sum)
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    let terms = builder.inputs.count - 1
    let gradients = try builder.emit(WeightedSumGradient(), [upstream, builder.inputs[terms]])
    for term in 0..<terms { builder.flow(gradients[term], to: term) }
  }
}

/// `cᵢ · upstream` for each term. Inputs: upstream `[1]`, coefficients `[k]`; outputs: k tensors `[1]`.
struct WeightedSumGradient: Op {
  static let name = "weighted_sum_gradient"

  var traits: OpTraits { OpTraits(accumulates: true) }

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 2 && inputs[0] == TensorType([1]) && inputs[1].shape.rank == 1,
      "takes a scalar gradient and coefficients, found \(inputs)")
    return [TensorType](repeating: TensorType([1]), count: inputs[1].shape[0])
  }

  func run(_ call: borrowing KernelCall) {
    let (upstream, coefficients) = (call.input(0).pointee, call.input(1))
    for term in 0..<call.outputs.count {
      let gradient = coefficients[term] * upstream
      let output = call.output(term)
      output.pointee = call.accumulates(term) ? output.pointee + gradient : gradient
    }
  }
}
