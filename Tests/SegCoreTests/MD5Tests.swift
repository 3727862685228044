import SegCore
import Testing

/// The test suite of RFC 1321, appendix A.5, and the edges of a block.
@Suite struct MD5Tests {
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
    ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    (
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a"
    ),
  ]) func known(text: String, digest: String) { #expect(MD5.hash(Array(text.utf8)) == digest) }

  /// From `hashlib.md5(b"x" * n)` of Python 3.
  @Test(arguments: [
    (55, "04364420e25c512fd958a70738aa8f72"), (56, "668a72d5ba17f08e62dabcafad6db14b"),
    (64, "c1bb4f81d892b2d57947682aeb252456"),
  ]) func edges(count: Int, digest: String) {
    #expect(MD5.hash([UInt8](repeating: UInt8(ascii: "x"), count: count)) == digest)
  }
}
