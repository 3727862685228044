public import SegCore

/// Weights from a counter hash, and the positions at which goldens record large tensors.
///
/// The twin of `scripts/golden/formula.py`: every operation is done in `Double` in the order given there and
/// rounded to `Float` once, so both give the same bits.
public struct GoldenFormula: Sendable {
  public static let seed: UInt64 = 7
  public static let classes = 11
  public static let ignoreIndex = 255

  /// Scales of a batch norm's running statistics, for runs that keep them fixed.
  public struct StatisticScales: Decodable, Sendable {
    /// Path of the batch norm, e.g. `backbone.bn1`.
    public var name: String
    public var meanScale: Double
    public var varianceScale: Double

    enum CodingKeys: String, CodingKey {
      case name
      case meanScale = "mean_scale"
      case varianceScale = "var_scale"
    }

    public init(name: String, meanScale: Double, varianceScale: Double) {
      self.name = name
      self.meanScale = meanScale
      self.varianceScale = varianceScale
    }
  }

  /// Added to the bias of every batch norm.
  public var batchNormBias: Double
  private var scales: [String: StatisticScales] = [:]

  public init(batchNormBias: Double = 0, fixedStatistics: [StatisticScales] = []) {
    self.batchNormBias = batchNormBias
    for entry in fixedStatistics { scales[entry.name] = entry }
  }

  /// The values of one state-dict entry, in file order (OIHW for convolutions).
  public func parameter(_ name: String, _ shape: Shape) -> [Float] {
    if name.hasSuffix(".num_batches_tracked") { return [Float](repeating: 0, count: shape.count) }
    if name.hasSuffix(".running_mean") {
      guard let scale = scale(of: name) else { return [Float](repeating: 0, count: shape.count) }
      return Self.values(name, shape) { scale.meanScale * $0 }
    }
    if name.hasSuffix(".running_var") {
      guard let scale = scale(of: name) else { return [Float](repeating: 1, count: shape.count) }
      return Self.values(name, shape) { scale.varianceScale * (1 + 0.25 * $0) }
    }
    if shape.rank == 4 {
      let channels = name.hasPrefix("backbone.") ? shape[0] : shape[1]
      let bound = (6 / Double(channels * shape[2] * shape[3])).squareRoot()
      return Self.values(name, shape) { $0 * bound }
    }
    if name.hasSuffix(".weight") { return Self.values(name, shape) { 1 + 0.1 * $0 } }
    let offset = name.hasSuffix("classifier.4.bias") ? 0 : batchNormBias
    return Self.values(name, shape) { offset + 0.1 * $0 }
  }

  private func scale(of name: String) -> StatisticScales? {
    guard let dot = name.lastIndex(of: ".") else { return nil }
    return scales[String(name[..<dot])]
  }

  /// `value(2u - 1)` over the uniform numbers of the stream `name`.
  private static func values(_ name: String, _ shape: Shape, _ value: (Double) -> Double) -> [Float]
  {
    var rng = stream(name)
    return (0..<shape.count).map { _ in Float(value(2 * rng.uniform() - 1)) }
  }

  static func stream(_ name: String, step: Int = 0) -> CounterRNG {
    CounterRNG(seed: seed, stream: CounterRNG.stream(name), step: UInt64(step))
  }
}

// MARK: Sampling

extension GoldenFormula {
  /// Positions in a flat tensor: all of them when there are no more than `samples`, else `samples` hashed
  /// ones (repetitions are kept).
  public static func samplePositions(_ name: String, count: Int, samples: Int) -> [Int] {
    if count <= samples { return Array(0..<count) }
    var rng = stream(name + "#samples")
    return (0..<samples).map { _ in rng.integer(in: 0..<count) }
  }

  /// Sums of `values` with hashed signs: one hash an element, whose bit `63 - k` makes projection `k` subtract.
  public static func projections(_ name: String, _ values: [Float], count: Int = 8) -> [Double] {
    var rng = stream(name + "#signs")
    var sums = [Double](repeating: 0, count: count)
    for value in values {
      let bits = rng.next()
      for k in 0..<count {
        sums[k] += (bits >> UInt64(63 - k)) & 1 == 1 ? -Double(value) : Double(value)
      }
    }
    return sums
  }

  /// `Σ bits(i) * (2i + 1)` modulo 2⁶⁴ over the bit patterns, as 16 hexadecimal digits.
  public static func checksum(_ values: [Float]) -> String {
    checksum(values.lazy.map { UInt64($0.bitPattern) })
  }

  /// The same over bytes.
  public static func checksum(_ values: [UInt8]) -> String {
    checksum(values.lazy.map { UInt64($0) })
  }

  private static func checksum(_ bits: some Sequence<UInt64>) -> String {
    var sum: UInt64 = 0
    var odd: UInt64 = 1
    for pattern in bits {
      sum &+= pattern &* odd
      odd &+= 2
    }
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
