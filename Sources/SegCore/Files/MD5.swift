import Glibc

/// MD5 of bytes (RFC 1321), for comparing tensors with published lists; not for security.
public enum MD5 {
  /// The digest of `bytes`, 32 hexadecimal digits.
  public static func hash(_ bytes: [UInt8]) -> String {
    var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
    let whole = bytes.count & ~63
    var tail = Array(bytes[whole...]) + [0x80]
    tail += [UInt8](repeating: 0, count: (120 - tail.count % 64) % 64)
    let bits = UInt64(bytes.count) &* 8
    tail += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) }
    bytes.withUnsafeBytes { compress(&state, UnsafeRawBufferPointer(rebasing: $0[..<whole])) }
    tail.withUnsafeBytes { compress(&state, $0) }
    return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
      .map { byte in
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
      }.joined()
  }

  /// Section 3.4, for whole blocks of 64 bytes.
  private static func compress(_ state: inout [UInt32], _ bytes: UnsafeRawBufferPointer) {
    sines.withUnsafeBufferPointer { sines in
      state.withUnsafeMutableBufferPointer { state in
        for start in stride(from: 0, to: bytes.count, by: 64) {
          var (a, b, c, d) = (state[0], state[1], state[2], state[3])
          for i in 0..<64 {
            let mixed: UInt32
            let word: Int
            let shift: UInt32
            switch i &>> 4 {
            case 0: (mixed, word, shift) = ((b & c) | (~b & d), i, 7 &+ 5 &* UInt32(i & 3))
            case 1:
              (mixed, word) = ((d & b) | (~d & c), (5 &* i &+ 1) & 15)
              shift = i & 3 == 0 ? 5 : i & 3 == 1 ? 9 : i & 3 == 2 ? 14 : 20
            case 2:
              (mixed, word) = (b ^ c ^ d, (3 &* i &+ 5) & 15)
              shift = i & 3 == 0 ? 4 : i & 3 == 1 ? 11 : i & 3 == 2 ? 16 : 23
            default:
              (mixed, word) = (c ^ (b | ~d), (7 &* i) & 15)
              shift = i & 3 == 0 ? 6 : i & 3 == 1 ? 10 : i & 3 == 2 ? 15 : 21
            }
            let value = UInt32(
              littleEndian: bytes.loadUnaligned(
                fromByteOffset: start &+ 4 &* word, as: UInt32.self))
            let sum = a &+ mixed &+ sines[i] &+ value
            (a, d, c, b) = (d, c, b, b &+ ((sum &<< shift) | (sum &>> (32 &- shift))))
          }
          state[0] &+= a
          state[1] &+= b
          state[2] &+= c
          state[3] &+= d
        }
      }
    }
  }

  private static let sines = (0..<64).map { UInt32(abs(sin(Double($0 + 1))) * 4_294_967_296) }
}
