/// Spelling help: the known word nearest to an unknown one.
package enum NearestKey {
  /// The first of the nearest `candidates`, when it is within a third of the longer word's length.
  ///
  /// Case does not count, and `-` and `_` are the same.
  package static func find(_ word: String, in candidates: [String]) -> String? {
    let wanted = folded(word)
    var best: (distance: Int, name: String)?
    for candidate in candidates {
      let other = folded(candidate)
      let limit = max(1, max(wanted.count, other.count) / 3)
      guard abs(wanted.count - other.count) <= limit else { continue }
      let distance = distance(wanted, other)
      if distance <= limit, distance < max(wanted.count, other.count),
        distance < best?.distance ?? Int.max
      {
        best = (distance, candidate)
      }
    }
    return best?.name
  }

  private static func folded(_ word: String) -> [UInt8] {
    word.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
  }

  /// Damerau–Levenshtein distance in its restricted form (optimal string alignment): insertions, deletions,
  /// substitutions and swaps of neighbours, no substring edited twice.
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    var row = last
    for i in a.indices {
      row[0] = i + 1
      for j in b.indices {
        var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          cost = min(cost, beforeLast[j - 1] + 1)
        }
        row[j + 1] = cost
      }
      (beforeLast, last, row) = (last, row, beforeLast)
    }
    return last[b.count]
  }
}
