import CSegKernels
import SegEngine
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct VecMathTests {
  typealias Kernel =
    @Sendable (OpaquePointer, UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void

  struct Function: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var kernel: Kernel
    var exact: @Sendable (Double) -> Double
    var inputs: [Float] = VecMathTests.inputs
    /// Besides every finite float met on the way.
    var special: [(input: Float, output: Float)]
  }

  static let functions: [Function] = [
    Function(
      testDescription: "exp", kernel: { sk_exp($0, $1, $2, $3) }, exact: { exp($0) },
      special: [
        (0, 1), (-0.0, 1), (.infinity, .infinity), (-.infinity, 0), (89, .infinity), (-104, 0),
        (-1e30, 0), (1e30, .infinity), (.nan, .nan),
      ]),
    // It takes what is not positive, and knows nothing between 0 and e^-87.
    Function(
      testDescription: "exp below 0", kernel: { sk_exp_below($0, $1, $2, $3) },
      exact: { $0 < -87 ? 0 : exp($0) }, inputs: inputs.filter { !($0 > 0) },
      special: [(0, 1), (-0.0, 1), (-.infinity, 0), (-87.5, 0), (-1e30, 0), (.nan, .nan)]),
    Function(
      testDescription: "log", kernel: { sk_log($0, $1, $2, $3) }, exact: { log($0) },
      special: [
        (1, 0), (0, -.infinity), (-0.0, -.infinity), (.infinity, .infinity), (-1, .nan),
        (-.infinity, .nan), (.nan, .nan),
      ]),
  ]

  /// Every 4099th bit pattern, so all exponents, signs, denormals, infinities and NaN.
  static let inputs: [Float] = stride(from: UInt32(0), to: UInt32.max - 4099, by: 4099).map {
    Float(bitPattern: $0)
  }

  @Test(arguments: functions) func isAccurateInEveryVariant(_ function: Function) {
    let generic = values(function, function.inputs, .generic)
    var worst = 0.0
    for (input, output) in zip(function.inputs, generic) {
      worst = max(worst, error(output, function.exact(Double(input))))
    }
    #expect(worst <= 2, "\(worst) ulp")
    for variant in VectorVariant.supported {
      let others = values(function, function.inputs, variant)
      #expect(zip(others, generic).allSatisfy { same($0, $1) }, "\(variant) gives other bits")
    }
  }

  @Test(arguments: functions) func knowsTheSpecialValues(_ function: Function) {
    for variant in VectorVariant.supported {
      let found = values(function, function.special.map(\.input), variant)
      for (value, expected) in zip(found, function.special) {
        #expect(same(value, expected.output), "\(variant): of \(expected.input)")
      }
    }
  }

  private func values(
    _ function: Function, _ inputs: [Float], _ variant: VectorVariant
  ) -> [Float] {
    let pool = ThreadPool(threads: 2, variant: variant)
    var outputs = [Float](repeating: 0, count: inputs.count)
    function.kernel(pool.handle, &outputs, inputs, inputs.count)
    return outputs
  }

  private func same(_ a: Float, _ b: Float) -> Bool {
    a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
  }

  /// Distance in units in the last place of the float nearest to `exact`.
  private func error(_ value: Float, _ exact: Double) -> Double {
    let nearest = Float(exact)
    if value.isNaN || nearest.isNaN || value.isInfinite || nearest.isInfinite {
      return same(value, nearest) ? 0 : .infinity
    }
    return abs(Double(value) - exact) / Double(nearest.ulp)
  }
}
