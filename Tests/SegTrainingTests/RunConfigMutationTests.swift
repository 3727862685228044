import SegCore
import SegTraining
import Testing

/// Mutated documents either decode to something that reads back the same, or fail with a bad config.
@Suite struct RunConfigMutationTests {
  /// In eight parts, which run side by side.
  @Test(.timeLimit(.minutes(1)), arguments: 0..<8)
  func bytes(part: Int) throws {
    let seeds = [Example.least, Example.full].map { Array($0.utf8) }
    var good = 0
    for trial in part * 2500..<(part + 1) * 2500 {
      var random = CounterRNG(seed: 1, stream: UInt64(trial))
      var bytes = seeds[trial % seeds.count]
      for _ in 0...random.integer(in: 0..<3) { Mutation.apply(to: &bytes, &random) }
      good += try check(bytes) ? 1 : 0
    }
    #expect(good > 25)
    #expect(good < 2375)
  }

  @Test(.timeLimit(.minutes(1)))
  func overrides() throws {
    let paths = [
      "seed", "optimizer.lr", "loss.terms.0.weight", "loss.terms.0", "data.label_map.3", "augment",
      "training.epochs", "model", "", ".", "a.b.c", "loss.terms.9.x", "checkpoint.best_by.0",
    ]
    let values = [
      "1", "null", "\"x\"", "{}", "[]", "[[1]]", "{\"type\": \"poly\"}", "-1e9", "", "=", "true",
    ]
    for path in paths {
      for value in values {
        _ = try check(
          Array(Example.full.utf8), overrides: ["\(path)=\(value)", "seed.\(path)=\(value)"])
        _ = try check(Array(Example.full.utf8), overrides: ["\(path)=\(value)"])
      }
    }
  }

  /// - Returns: whether the document is good.
  private func check(_ bytes: [UInt8], overrides: [String] = []) throws -> Bool {
    let loaded: LoadedConfig
    do {
      loaded = try RunConfig.load(bytes: bytes, name: "m.json", overrides: overrides)
    } catch {
      #expect(error.status == .badConfig)
      let first = error.description.prefix { $0 != "\n" }
      #expect(first.hasPrefix("m.json:") || first.hasPrefix("--set "), "\(error)")
      return false
    }
    let text = Array(loaded.resolved.compact.utf8)
    #expect(try RunConfig.load(bytes: text, name: "m.json") == loaded)
    return true
  }
}

enum Mutation {
  private static let pieces = [
    "{", "}", "[", "]", ",", ":", "\"", "null", "true", "1e999", "-", "0", "NaN", "/*", "//",
    "\\u12",
    "\\", "\u{FEFF}", "\n", "\u{1F600}", "[[[[[[[[", "\"lr\": 1,", "3.5", "\"\"", " ",
  ].map { Array($0.utf8) }

  /// One random edit: a byte set, deleted or inserted, a range deleted or repeated, a token put in.
  static func apply(to bytes: inout [UInt8], _ random: inout CounterRNG) {
    guard !bytes.isEmpty else {
      bytes = pieces[random.integer(in: 0..<pieces.count)]
      return
    }
    let at = random.integer(in: 0..<bytes.count)
    let end = min(bytes.count, at + random.integer(in: 1..<40))
    switch random.integer(in: 0..<8) {
    case 0: bytes[at] = UInt8(random.integer(in: 0..<256))
    case 1: bytes[at] ^= 1 << UInt8(random.integer(in: 0..<8))
    case 2: bytes.remove(at: at)
    case 3: bytes.removeSubrange(at..<end)
    case 4:
      bytes.insert(contentsOf: Array(bytes[at..<end]), at: random.integer(in: 0..<bytes.count))
    case 5: bytes.removeSubrange(at...)
    default:
      bytes.insert(contentsOf: pieces[random.integer(in: 0..<pieces.count)], at: at)
    }
  }
}
