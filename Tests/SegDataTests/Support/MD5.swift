import Glibc

/// MD5 (RFC 1321) of `bytes` as lower-case hex: the lists of expected samples hold these digests.
func md5(_ bytes: [UInt8]) -> String {
  let shifts: [[UInt32]] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]
  let sines = (0..<64).map { UInt32(abs(sin(Double($0 + 1))) * 4_294_967_296) }
  var message = bytes + [0x80]
  while message.count % 64 != 56 { message.append(0) }
  let bits = UInt64(bytes.count) &* 8
  message += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) }
  var digest: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
  for block in stride(from: 0, to: message.count, by: 64) {
    let words = (0..<16).map { w in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(message[block + 4 * w + $1]) << (8 * UInt32($1)) }
    }
    var (a, b, c, d) = (digest[0], digest[1], digest[2], digest[3])
    for i in 0..<64 {
      let (mixed, word): (UInt32, Int) =
        switch i / 16 {
        case 0: ((b & c) | (~b & d), i)
        case 1: ((d & b) | (~d & c), (5 * i + 1) % 16)
        case 2: (b ^ c ^ d, (3 * i + 5) % 16)
        default: (c ^ (b | ~d), (7 * i) % 16)
        }
      let sum = a &+ mixed &+ sines[i] &+ words[word]
      let shift = shifts[i / 16][i % 4]
      (a, d, c, b) = (d, c, b, b &+ ((sum << shift) | (sum >> (32 - shift))))
    }
    digest[0] &+= a
    digest[1] &+= b
    digest[2] &+= c
    digest[3] &+= d
  }
  let hex = Array("0123456789abcdef")
  return digest.reduce(into: "") { text, word in
    for i in 0..<4 {
      let byte = Int((word >> (8 * UInt32(i))) & 255)
      text.append(hex[byte / 16])
      text.append(hex[byte % 16])
    }
  }
}
