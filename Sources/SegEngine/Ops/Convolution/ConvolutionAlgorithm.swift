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
  /// The same without gathering, on strips of a few input rows: kernels without dilation, as strided ones.
  case strips
  /// Winograd on the phases of a wide strided kernel of few channels: the stem.
  case phases
  /// Winograd, sub-grids of atrous convolutions padded to multiples of four or five.
  case winograd
  /// Winograd, sub-grids cut to their own lengths: for rates that are large against the map.
  case winogradExact

  /// As summaries show it.
  public var name: String {
    switch self {
    case .direct: "direct"
    case .gathered: "gathered"
    case .strips: "strips"
    case .phases: "winograd phases"
    case .winograd: "winograd"
    case .winogradExact: "winograd exact"
    }
  }

  var code: Int32 {
    switch self {
    case .direct: Int32(SK_DIRECT)
    case .gathered: Int32(SK_GATHERED)
    case .strips: Int32(SK_STRIPS)
    case .phases: Int32(SK_PHASES)
    case .winograd: Int32(SK_WINOGRAD)
    case .winogradExact: Int32(SK_WINOGRAD_EXACT)
    }
  }

  /// The passes over a convolution.
  enum Pass: CaseIterable {
    case forward, inputGradient, weightGradient
  }

  /// Whether it can compute `pass` of `conv` (channels exchanged where the pass is `inputGradient`).
  func fits(_ conv: sk_conv2d, _ pass: Pass) -> Bool {
    var conv = conv
    switch self {
    case .direct, .gathered: return true
    case .strips:
      // Each part of the weight gradient has a sum of its own: that pays for small weights only.
      let weights = Int(conv.r * conv.s) * Int(conv.c) * Int(conv.k)
      return sk_strips_fits(&conv) != 0 && pass != .inputGradient
        && (pass == .forward || weights <= 1 << 19)
    case .phases: return sk_phases_fits(&conv) != 0 && pass != .inputGradient
    case .winograd, .winogradExact: return sk_winograd_fits(&conv) != 0
    }
  }

  /// The one with the least estimated work. For `inputGradient`, `conv` has its channels exchanged.
  static func cheapest(
    _ conv: sk_conv2d, _ pass: Pass, _ policy: ConvolutionPolicy
  ) -> ConvolutionAlgorithm {
    switch policy {
    case .automatic: break
    case .direct: return .direct
    case .only(let algorithm): return algorithm.fits(conv, pass) ? algorithm : .gathered
    }
    var best = (algorithm: ConvolutionAlgorithm.gathered, work: Double.infinity)
    for algorithm in allCases where algorithm != .direct && algorithm.fits(conv, pass) {
      let work = algorithm.work(conv)
      if work < best.work { best = (algorithm, work) }
    }
    return best.algorithm
  }

  // MARK: Work, in multiply-adds at the speed of a matrix product

  /// What transforms cost beside the products, per transformed value of a tile and per product of weights; measured on
  /// AVX-512 (docs/performance.md). Only the order of the algorithms depends on them.
  private static let inputTransform = 11.0
  private static let outputTransform = 10.0
  private static let weightTransform = 30.0

  /// What gathering costs beside the products, per gathered value.
  private static let gathering = 4.0

  private func work(_ conv: sk_conv2d) -> Double {
    let (inputs, outputs) = (Double(conv.c), Double(conv.k))
    let gathered = Double(conv.n) * Double(conv.p) * Double(conv.q) * Double(conv.r * conv.s)
    switch self {
    case .direct, .gathered: return gathered * inputs * (outputs + Self.gathering)
    case .strips: return gathered * inputs * outputs
    case .phases:
      var conv = conv
      let transforms = 4 * Self.inputTransform * inputs + Self.outputTransform * outputs
      return Double(sk_phases_product_rows(&conv)) * (4 * inputs * outputs + transforms)
    case .winograd, .winogradExact:
      var conv = conv
      let cost = sk_winograd_costs(&conv, self == .winogradExact ? 1 : 0)
      let rows = Double(cost.product_rows) + Self.weightTransform * Double(cost.products)
      let transforms = Self.inputTransform * inputs + Self.outputTransform * outputs
      return rows * inputs * outputs + Double(cost.product_rows) * transforms
    }
  }
}
