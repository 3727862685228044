/// The generator behind Python's `random` module, as far as `shuffle` needs it: splits of published
/// code are made with it.
///
/// The generator is MT19937 (Matsumoto and Nishimura 1998), seeded as `random.seed` seeds it from a
/// whole number below 2^32.
package struct PythonRandom {
  private var state: [UInt32]
  private var position = 624

  package init(seed: UInt32) {
    state = [19_650_218]
    for i in 1..<624 { state.append(1_812_433_253 &* Self.mixed(state[i - 1]) &+ UInt32(i)) }
    // The seed is a key of one word, so its index never enters.
    var i = 1
    for _ in 0..<624 {
      state[i] = (state[i] ^ (Self.mixed(state[i - 1]) &* 1_664_525)) &+ seed
      advance(&i)
    }
    for _ in 0..<623 {
      state[i] = (state[i] ^ (Self.mixed(state[i - 1]) &* 1_566_083_941)) &- UInt32(i)
      advance(&i)
    }
    state[0] = 1 << 31
  }

  private static func mixed(_ word: UInt32) -> UInt32 { word ^ (word >> 30) }

  private mutating func advance(_ i: inout Int) {
    i += 1
    if i == 624 {
      state[0] = state[623]
      i = 1
    }
  }

  /// 32 random bits.
  package mutating func next() -> UInt32 {
    if position == 624 { twist() }
    var y = state[position]
    position += 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9D2C_5680
    y ^= (y << 15) & 0xEFC6_0000
    return y ^ (y >> 18)
  }

  private mutating func twist() {
    for i in 0..<624 {
      let y = (state[i] & 0x8000_0000) | (state[(i + 1) % 624] & 0x7FFF_FFFF)
      state[i] = state[(i + 397) % 624] ^ (y >> 1) ^ (y & 1 == 1 ? 0x9908_B0DF : 0)
    }
    position = 0
  }

  /// A number in `0..<bound`, bound below 2^32: as many bits as bound has, drawn until they fit.
  private mutating func below(_ bound: Int) -> Int {
    let shift = UInt32(32 - (Int.bitWidth - bound.leadingZeroBitCount))
    while true {
      let drawn = Int(next() >> shift)
      if drawn < bound { return drawn }
    }
  }

  /// As `random.shuffle`.
  package mutating func shuffle(_ values: inout [Int]) {
    guard values.count > 1 else { return }
    for i in (1..<values.count).reversed() { values.swapAt(i, below(i + 1)) }
  }
}
