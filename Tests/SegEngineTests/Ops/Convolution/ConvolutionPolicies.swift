import SegEngine
import Testing

/// Ways through the kernels that rewrites must serve alike, and a shape for each that takes it.
enum ConvolutionPolicies {
  struct Form: Sendable, CustomTestStringConvertible {
    var policy: ConvolutionPolicy
    var sizes: ConvolutionSizes
    var testDescription: String { "\(policy), \(sizes.description)" }
  }

  static let fusing: [Form] = [
    Form(policy: .automatic, sizes: .square(9, 11, c: 32, k: 48)),
    Form(policy: .only(.winograd), sizes: .square(9, 11, c: 32, k: 48)),
    Form(policy: .only(.winogradExact), sizes: .square(9, 11, c: 32, k: 48, dilation: 3)),
    Form(policy: .only(.winograd), sizes: .square(7, 5, c: 176, k: 48, n: 1)),
    Form(policy: .only(.winogradExact), sizes: .square(7, 6, c: 48, k: 176, n: 1, dilation: 2)),
    Form(policy: .only(.gathered), sizes: .square(9, 7, c: 19, k: 33)),
    Form(
      policy: .automatic, sizes: ConvolutionSizes(h: 9, w: 7, c: 35, k: 21, r: 1, s: 1, padding: 0)),
    Form(policy: .automatic, sizes: ConvolutionSizes(h: 9, w: 7, c: 16, k: 32, stride: 2)),
  ]

  /// Those whose convolutions stay alone.
  static let plain: [ConvolutionPolicy] = [.direct, .only(.direct)]
}

/// Largest difference over largest value.
func relativeDifference(_ found: [Float], _ expected: [Float]) -> Float {
  let scale = expected.reduce(0) { max($0, abs($1)) }
  guard found.count == expected.count, scale > 0 else { return .infinity }
  return zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
}
