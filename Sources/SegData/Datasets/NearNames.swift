/// Names close to a mistyped one.
enum NearNames {
  /// ` (near it: a, b)` with up to three of `names`, closest first; empty when none is close.
  static func note(_ wanted: String, among names: [String]) -> String {
    let scored = names.map { (name: $0, distance: distance(wanted.lowercased(), $0.lowercased())) }
      .filter { $0.distance <= max(2, wanted.count / 2) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
    guard !scored.isEmpty else { return "" }
    return " (near it: " + scored.prefix(3).map(\.name).joined(separator: ", ") + ")"
  }

  /// Insertions, deletions and replacements between two words.
  static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let cost = x == y ? diagonal : 1 + min(diagonal, row[j], row[j + 1])
        diagonal = row[j + 1]
        row[j + 1] = cost
      }
    }
    return row[b.count]
  }
}
