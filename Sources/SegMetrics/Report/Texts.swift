/// A number with a fixed count of decimals; nil is a dash.
func fixed(_ value: Double?, _ decimals: Int) -> String {
  guard let value else { return "–" }
  let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 0x1p62 else { return "\(value)" }
  let digits = String(Int64(scaled))
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  let sign = value < 0 && scaled > 0 ? "-" : ""
  return decimals == 0
    ? sign + padded : "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
}

/// A share as a percentage with two decimals.
func percent(_ value: Double?) -> String { fixed(value.map { $0 * 100 }, 2) }

/// A number with as many digits as bring the same `Double` back; nil and what is not finite: empty.
func exact(_ value: Double?) -> String {
  guard let value, value.isFinite else { return "" }
  return "\(value)"
}

extension String {
  /// The text in `width` characters at most, its end replaced by `…` where it is longer.
  func shortened(to width: Int) -> String {
    count <= width ? self : prefix(max(0, width - 1)) + "…"
  }

  func padded(to width: Int, right: Bool) -> String {
    let blanks = String(repeating: " ", count: max(0, width - count))
    return right ? blanks + self : self + blanks
  }
}
