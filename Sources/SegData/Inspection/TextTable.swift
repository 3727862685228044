/// Columns padded to equal width, for terminals.
struct TextTable {
  private var rows: [[String]]
  private let left: Set<Int>

  /// - Parameter left: Columns that are aligned to the left; the others hold numbers.
  init(_ heads: [String], left: Set<Int>) {
    rows = [heads]
    self.left = left
  }

  mutating func add(_ row: [String]) { rows.append(row) }

  /// Two spaces before every column; none at the end of a line.
  var lines: [String] {
    let widths = (rows.first ?? []).indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        line += "  " + (left.contains(column) ? cell + space : space + cell)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// `value` (0 to 1) as a bar of up to `width` characters in eighths; anything above 0 shows.
  static func bar(_ value: Double, width: Int) -> String {
    let eighths = Int((value * Double(8 * width)).rounded())
    let parts: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let visible = value > 0 ? max(eighths, 1) : 0
    let full = String(repeating: "█", count: visible / 8)
    return visible % 8 > 0 ? full + String(parts[visible % 8 - 1]) : full
  }

  /// `value` with `digits` places after the point, rounded half away from zero.
  static func decimal(_ value: Double, digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let units = Int((abs(value) * Double(scale)).rounded())
    let fraction = String(units % scale)
    let text = "\(units / scale)" + (digits > 0 ? "." : "")
    let zeros = String(repeating: "0", count: max(digits - fraction.count, 0))
    return (value < 0 && units > 0 ? "-" : "") + text + (digits > 0 ? zeros + fraction : "")
  }

  /// `1 sample`, `2 samples`.
  static func number(_ count: Int, _ what: String) -> String {
    "\(count) \(what)\(count == 1 ? "" : "s")"
  }

  /// A share in percent, three places after the point.
  static func percent(_ share: Double) -> String { decimal(100 * share, digits: 3) + " %" }
}
