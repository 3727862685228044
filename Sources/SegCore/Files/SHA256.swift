/// SHA-256 of a stream of bytes (FIPS 180-4, section 6.2).
public struct SHA256: Sendable {
  private var state: [UInt32] = Self.initial
  private var block = [UInt8](repeating: 0, count: 64)
  private var filled = 0
  private var byteCount: UInt64 = 0

  public init() {}

  /// The digest of `bytes`, 64 hexadecimal digits.
  public static func hash(_ bytes: [UInt8]) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finalized()
  }

  /// The digest of a file, read a megabyte at a time.
  public static func hash(fileAt path: String) throws(Failure) -> String {
    let file = try InputFile(path)
    var hash = SHA256()
    var chunk = [UInt8](repeating: 0, count: min(1 << 20, max(file.byteCount, 1)))
    var offset = 0
    while offset < file.byteCount {
      let count = min(chunk.count, file.byteCount - offset)
      var bytes = chunk.mutableSpan
      try bytes.withUnsafeMutableBytes { buffer throws(Failure) in
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        try file.read(into: part, at: offset)
        hash.update(UnsafeRawBufferPointer(part))
      }
      offset += count
    }
    return hash.finalized()
  }

  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var rest = bytes
    if filled > 0 {
      let count = min(64 - filled, rest.count)
      for i in 0..<count { block[filled + i] = rest[i] }
      filled += count
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      guard filled == 64 else { return }
      block.withUnsafeBytes { Self.compress(&state, $0) }
      filled = 0
    }
    let whole = rest.count & ~63
    if whole > 0 { Self.compress(&state, UnsafeRawBufferPointer(rebasing: rest[..<whole])) }
    for i in whole..<rest.count { block[i - whole] = rest[i] }
    filled = rest.count - whole
  }

  /// The digest of everything so far, 64 hexadecimal digits; more bytes may follow.
  public func finalized() -> String {
    var last = self
    let zeros = (119 - last.filled) % 64
    var tail = [UInt8(0x80)] + [UInt8](repeating: 0, count: zeros)
    for shift in stride(from: 56, through: 0, by: -8) {
      tail.append(UInt8(truncatingIfNeeded: (byteCount &* 8) >> UInt64(shift)))
    }
    last.update(tail)
    return last.state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  /// Feeds whole blocks of 64 bytes.
  private static func compress(_ state: inout [UInt32], _ bytes: UnsafeRawBufferPointer) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { w in
      constants.withUnsafeBufferPointer { k in
        state.withUnsafeMutableBufferPointer { h in
          for start in stride(from: 0, to: bytes.count, by: 64) {
            round(h, w, k, UnsafeRawBufferPointer(rebasing: bytes[start..<(start + 64)]))
          }
        }
      }
    }
  }

  @inline(__always)
  private static func round(
    _ hash: UnsafeMutableBufferPointer<UInt32>, _ w: UnsafeMutableBufferPointer<UInt32>,
    _ k: UnsafeBufferPointer<UInt32>, _ block: UnsafeRawBufferPointer
  ) {
    for t in 0..<16 {
      w[t] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 &* t, as: UInt32.self))
    }
    for t in 16..<64 {
      let s0 = rotate(w[t &- 15], 7) ^ rotate(w[t &- 15], 18) ^ (w[t &- 15] &>> 3)
      let s1 = rotate(w[t &- 2], 17) ^ rotate(w[t &- 2], 19) ^ (w[t &- 2] &>> 10)
      w[t] = w[t &- 16] &+ s0 &+ w[t &- 7] &+ s1
    }
    var (a, b, c, d) = (hash[0], hash[1], hash[2], hash[3])
    var (e, f, g, h) = (hash[4], hash[5], hash[6], hash[7])
    for t in 0..<64 {
      let sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      let t1 = h &+ sum1 &+ ((e & f) ^ (~e & g)) &+ k[t] &+ w[t]
      let sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      let t2 = sum0 &+ ((a & b) ^ (a & c) ^ (b & c))
      (h, g, f, e) = (g, f, e, d &+ t1)
      (d, c, b, a) = (c, b, a, t1 &+ t2)
    }
    hash[0] &+= a
    hash[1] &+= b
    hash[2] &+= c
    hash[3] &+= d
    hash[4] &+= e
    hash[5] &+= f
    hash[6] &+= g
    hash[7] &+= h
  }

  @inline(__always)
  private static func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { (x &>> n) | (x &<< (32 &- n)) }

  /// Section 5.3.3: 32 fractional bits of the square roots of the first 8 primes.
  private static let initial: [UInt32] = primes(8).map { rootFraction($0, degree: 2) }

  /// Section 4.2.2: 32 fractional bits of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = primes(64).map { rootFraction($0, degree: 3) }

  private static func primes(_ count: Int) -> [UInt32] {
    var found: [UInt32] = []
    var candidate: UInt32 = 2
    while found.count < count {
      if found.allSatisfy({ candidate % $0 != 0 }) { found.append(candidate) }
      candidate += 1
    }
    return found
  }

  /// The low 32 bits of the largest `x` with `x^degree <= p · 2^(32 · degree)`, exactly.
  private static func rootFraction(_ p: UInt32, degree: Int) -> UInt32 {
    let target = UInt128(p) << UInt128(32 * degree)
    var root: UInt128 = 0
    for bit in stride(from: 36, through: 0, by: -1) {
      let trial = root | (1 << UInt128(bit))
      let power = degree == 2 ? trial * trial : trial * trial * trial
      if power <= target { root = trial }
    }
    return UInt32(truncatingIfNeeded: root)
  }
}
