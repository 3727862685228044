import SegCore
import SegTestSupport
import Testing

@Suite struct SHA256Tests {
  /// FIPS 180-4 example vectors and the empty message (NIST "SHA Test Vectors").
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func vectors(text: String, digest: String) {
    #expect(SHA256.hash(Array(text.utf8)) == digest)
  }

  @Test func millionTimesA() {
    let digest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    #expect(SHA256.hash([UInt8](repeating: 0x61, count: 1_000_000)) == digest)
  }

  @Test func cutsDoNotMatter() {
    var random = CounterRNG(seed: 1, stream: CounterRNG.stream("sha"))
    for length in [1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000] {
      let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let whole = SHA256.hash(bytes)
      for _ in 0..<20 {
        var hash = SHA256()
        var rest = bytes[...]
        while !rest.isEmpty {
          let count = min(rest.count, random.integer(in: 0..<80))
          hash.update(Array(rest.prefix(count)))
          rest = rest.dropFirst(count)
        }
        #expect(hash.finalized() == whole)
        #expect(hash.finalized() == whole, "asking changes nothing")
      }
    }
  }

  @Test func fileLargerThanAChunk() throws {
    let folder = try TemporaryFolder()
    let bytes = (0..<(1 << 20) + 77).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let written = try AtomicFile.write(bytes, to: folder["a"])
    #expect(written.byteCount == bytes.count)
    #expect(written.sha256 == SHA256.hash(bytes))
    #expect(try SHA256.hash(fileAt: folder["a"]) == SHA256.hash(bytes))
  }
}
