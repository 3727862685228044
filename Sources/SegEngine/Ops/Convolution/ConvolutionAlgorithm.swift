import CSegKernels
import SegCore

/// Which algorithms convolutions may use.
public enum ConvolutionPolicy: Sendable, Hashable {
  /// The cheapest for each shape and pass, by `ConvolutionAlgorithm.cheapest`.
  case automatic
  /// Matrix products by OpenBLAS everywhere: slower, and what the others are compared with.
  case direct
  /// One algorithm wherever it can compute the shape, else `gathered`: for tests and measurements.
  case only(ConvolutionAlgorithm)

  /// Whether convolutions may take in what is around them: products by OpenBLAS cannot.
  var fuses: Bool {
    switch self {
    case .automatic: true
    case .direct: false
    case .only(let algorithm): algorithm != .direct
    }
  }
}

/// How one pass of a convolution is computed.
public enum ConvolutionAlgorithm: Sendable, CaseIterable {
  /// Gathered pixels times weights, by OpenBLAS.
  case direct
  /// The same on packed weights and our own kernels, fused with what is around it.
  case gathered
  /// Winograd, sub-grids of atrous convolutions padded to multiples of four.
  case winograd
  /// Winograd, sub-grids cut to their own lengths: for rates that are large against the map.
  case winogradExact

  /// As summaries show it.
  public var name: String {
    switch self {
    case .direct: "direct"
    case .gathered: "gathered"
    case .winograd: "winograd"
    case .winogradExact: "winograd exact"
    }
  }

  var code: Int32 {
    switch self {
    case .direct: Int32(SK_DIRECT)
    case .gathered: Int32(SK_GATHERED)
    case .winograd: Int32(SK_WINOGRAD)
    case .winogradExact: Int32(SK_WINOGRAD_EXACT)
    }
  }

  private var isWinograd: Bool { self == .winograd || self == .winogradExact }

  /// The one with the least estimated work. `conv` may be a convolution or, with channels exchanged, its gradient.
  static func cheapest(_ conv: sk_conv2d, _ policy: ConvolutionPolicy) -> ConvolutionAlgorithm {
    var conv = conv
    let fitsWinograd = sk_winograd_fits(&conv) != 0
    switch policy {
    case .automatic: break
    case .direct: return .direct
    case .only(let algorithm):
      return algorithm.isWinograd && !fitsWinograd ? .gathered : algorithm
    }
    var best = (algorithm: ConvolutionAlgorithm.gathered, work: gatheredWork(conv))
    guard fitsWinograd else { return best.algorithm }
    for (algorithm, exact) in [(ConvolutionAlgorithm.winograd, Int32(0)), (.winogradExact, 1)] {
      let work = winogradWork(conv, sk_winograd_costs(&conv, exact))
      if work < best.work { best = (algorithm, work) }
    }
    return best.algorithm
  }

  // MARK: Work, in multiply-adds at the speed of a matrix product

  /// What transforms cost beside the products, per tile and channel and per product of weights; measured on AVX-512
  /// (docs/performance.md). Only the order of the algorithms depends on them.
  private static let inputTransform = 400.0
  private static let outputTransform = 360.0
  private static let weightTransform = 30.0

  private static func gatheredWork(_ conv: sk_conv2d) -> Double {
    let pixels = Double(conv.n) * Double(conv.p) * Double(conv.q)
    return pixels * Double(conv.r * conv.s) * Double(conv.c) * Double(conv.k)
  }

  private static func winogradWork(_ conv: sk_conv2d, _ cost: sk_winograd_cost) -> Double {
    let (inputs, outputs) = (Double(conv.c), Double(conv.k))
    let rows = Double(cost.product_rows) + weightTransform * Double(cost.products)
    let transforms = inputTransform * inputs + outputTransform * outputs
    return rows * inputs * outputs + Double(cost.tiles) * transforms
  }
}
