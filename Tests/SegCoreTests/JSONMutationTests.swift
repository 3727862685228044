import SegCore
import Testing

/// Arbitrary bytes either read as JSON that writes and reads back the same, or fail with a place in the text.
@Suite struct JSONMutationTests {
  private static let seed = """
    {"a": [1, -2.5e-3, true, null, "x\\u00e9\\n\\ud83d\\ude00"], /* c */ "b": {"c": {}, "d": []},
     // line
     "é": 1e10, "": "", "z": [[], [[0]], {"k": false}],}
    """

  @Test(.timeLimit(.minutes(1)))
  func mutations() throws {
    let seed = Array(Self.seed.utf8)
    var good = 0
    for trial in 0..<20_000 {
      var random = CounterRNG(seed: 2, stream: UInt64(trial))
      var bytes = seed
      for _ in 0...random.integer(in: 0..<4) { mutate(&bytes, &random) }
      good += try check(bytes) ? 1 : 0
    }
    #expect(good > 1000)
    #expect(good < 19_000)
  }

  @Test(.timeLimit(.minutes(1)))
  func noise() throws {
    let alphabet = Array("{}[]\",:0123456789.eE+-truefalsn/*\\ u\n".utf8)
    for trial in 0..<20_000 {
      var random = CounterRNG(seed: 3, stream: UInt64(trial))
      let usesAlphabet = trial % 2 == 0
      let bytes = (0..<random.integer(in: 0..<60)).map { _ in
        usesAlphabet
          ? alphabet[random.integer(in: 0..<alphabet.count)] : UInt8(random.integer(in: 0..<256))
      }
      _ = try check(bytes)
    }
  }

  @Test func everyPrefix() throws {
    let seed = Array(Self.seed.utf8)
    for length in seed.indices { #expect(try check(Array(seed[..<length])) == false) }
    #expect(try check(seed))
  }

  /// - Returns: whether the bytes are JSON.
  private func check(_ bytes: [UInt8]) throws -> Bool {
    let value: JSONValue
    do {
      value = try JSONNode.parse(bytes, name: "t", dialect: .commented).value
    } catch {
      let place = error.place.split(separator: ":").compactMap { Int($0) }
      let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + 1
      #expect(place.count == 2 && (1...lines).contains(place[0]), "\(error)")
      #expect(place.count == 2 && (1...bytes.count + 1).contains(place[1]), "\(error)")
      #expect(error.problem.contains("expected "), "\(error)")
      return false
    }
    #expect(try JSONNode.parse(Array(value.compact.utf8), name: "t").value == value)
    #expect(try JSONNode.parse(Array(value.pretty.utf8), name: "t").value == value)
    return true
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout CounterRNG) {
    guard !bytes.isEmpty else { return }
    let at = random.integer(in: 0..<bytes.count)
    switch random.integer(in: 0..<5) {
    case 0: bytes[at] = UInt8(random.integer(in: 0..<256))
    case 1: bytes[at] ^= 1 << UInt8(random.integer(in: 0..<8))
    case 2: bytes.remove(at: at)
    case 3: bytes.insert(bytes[random.integer(in: 0..<bytes.count)], at: at)
    default: bytes.swapAt(at, random.integer(in: 0..<bytes.count))
    }
  }
}
