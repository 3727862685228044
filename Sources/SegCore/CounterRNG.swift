/// Random numbers as a pure function of a key, so that no order of execution can change them.
///
/// The key is `(seed, stream, step)`: a stream is a sample, a parameter or a dropout layer; a step is an
/// epoch or an iteration. Number `i` of a key is two rounds of the SplitMix64 finaliser over key and `i`
/// (Steele, Lea and Flood 2014).
public struct CounterRNG: RandomNumberGenerator, Sendable {
  private let key: UInt64
  private var counter: UInt64 = 0

  public init(seed: UInt64, stream: UInt64, step: UInt64 = 0) {
    key = Self.mix(Self.mix(Self.mix(seed) ^ stream) ^ (step &* 0xD1B5_4A32_D192_ED03))
  }

  public mutating func next() -> UInt64 {
    counter &+= 1
    return Self.mix(key &+ counter &* 0x9E37_79B9_7F4A_7C15)
  }

  /// Leaves out the next `count` numbers, in no time: threads can start anywhere in a stream.
  public mutating func skip(_ count: Int) { counter &+= UInt64(count) }

  /// Uniform in `[0, 1)`, 53 bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in `[low, high)`.
  public mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }

  /// Uniform integer in `range`; the bias is below 2⁻⁴⁰ for any range a picture can ask for.
  public mutating func integer(in range: Range<Int>) -> Int {
    range.lowerBound + Int(next().multipliedFullWidth(by: UInt64(range.count)).high)
  }

  /// A stream number for a name, the same on every machine (FNV-1a, 64 bits).
  public static func stream(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
