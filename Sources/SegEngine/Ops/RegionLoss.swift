public import SegCore

/// A loss of one region as a function of its classes' sums.
public protocol RegionFormula: Sendable {
  /// The loss, and its derivatives by each sum.
  ///
  /// Called in every step: it must not allocate.
  ///
  /// - Parameters:
  ///   - classes: one element a class.
  ///   - slopes: as many; all zero when called.
  func loss(
    of classes: UnsafeBufferPointer<ClassSums>, slopes: UnsafeMutableBufferPointer<ClassSums>
  ) -> Double
}

/// The mean of a formula over regions.
///
/// Input: `float64[R, C, 4]` of `RegionSums`. Outputs: loss `[1]` and its derivatives by the sums, `float64[R, C, 4]`.
public struct RegionLoss: Op {
  public static let name = "region_loss"
  let formula: any RegionFormula

  public init(_ formula: any RegionFormula) { self.formula = formula }

  public func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 1 && inputs[0].dtype == .float64 && inputs[0].shape.rank == 3
        && inputs[0].shape[2] == ClassSums.count && inputs[0].shape.count > 0,
      "takes sums, float64 [regions, classes, \(ClassSums.count)], found \(inputs)")
    return [TensorType([1]), inputs[0]]
  }

  public func run(_ call: borrowing KernelCall) {
    let (regions, classes) = (call.inputs[0].shape[0], call.inputs[0].shape[1])
    let sums = call.input(0, as: ClassSums.self)
    let slopes = call.output(1, as: ClassSums.self)
    var total = 0.0
    for region in 0..<regions {
      let part = UnsafeMutableBufferPointer(start: slopes + region * classes, count: classes)
      part.update(repeating: ClassSums())
      total += formula.loss(
        of: UnsafeBufferPointer(start: sums + region * classes, count: classes), slopes: part)
    }
    let share = 1 / Double(regions)
    let numbers = call.output(1, as: Double.self)
    for index in 0..<regions * classes * ClassSums.count { numbers[index] *= share }
    call.output(0).pointee = Float(total * share)
  }

  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    guard let upstream = builder.upstream() else { return }
    let gradient = try builder.emit(RegionLossGradient(), [builder.outputs[1], upstream])
    builder.flow(gradient[0], to: 0)
  }
}

/// Derivatives times upstream. Inputs: `float64[R, C, 4]`, upstream `[1]`.
struct RegionLossGradient: Op {
  static let name = "region_loss_gradient"

  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try require(
      inputs.count == 2 && inputs[0].dtype == .float64 && inputs[1] == TensorType([1]),
      "takes derivatives and a scalar gradient, found \(inputs)")
    return [inputs[0]]
  }

  func run(_ call: borrowing KernelCall) {
    let (slopes, upstream) = (call.input(0, as: Double.self), Double(call.input(1).pointee))
    let output = call.output(0, as: Double.self)
    for index in 0..<call.inputs[0].shape.count { output[index] = slopes[index] * upstream }
  }
}
