/// The confusion matrix as a heat map: row by row the share of each prediction among the pixels of a
/// true class.
struct ConfusionMap {
  /// `[C][C]` pixel counts, rows truth, columns prediction.
  var counts: [[Double]]
  var names: [String]

  var svg: String? {
    let count = counts.count
    guard count > 0, names.count == count else { return nil }
    let longest = names.map(\.count).max() ?? 0
    let cell = count <= 12 ? 44.0 : count <= 24 ? 30.0 : 16.0
    let margin = Double(min(longest, 24)) * 6.5 + 20
    let size = margin + Double(count) * cell
    func shown(_ name: String) -> String {
      ReportText.escape(name.count > 24 ? name.prefix(23) + "…" : name)
    }
    let c = ReportText.coordinate
    var out = "<svg class=\"map\" style=\"max-width:\(Int(size))px\" "
    out += "viewBox=\"0 0 \(c(size)) \(c(size))\" role=\"img\"><title>Confusion matrix</title>\n"
    for (row, values) in counts.enumerated() {
      let total = values.reduce(0, +)
      let y = margin + Double(row) * cell
      out += "<text x=\"\(c(margin - 6))\" y=\"\(c(y + cell / 2))\" dy=\"4\" "
      out += "text-anchor=\"end\">\(shown(names[row]))</text>"
      let (labelX, labelY) = (c(margin + (Double(row) + 0.5) * cell), c(margin - 6))
      out += "<text x=\"\(labelX)\" y=\"\(labelY)\" dy=\"4\" "
      out += "transform=\"rotate(-90 \(labelX) \(labelY))\">\(shown(names[row]))</text>\n"
      for (column, value) in values.enumerated() {
        let share = total > 0 ? value / total : 0
        let x = margin + Double(column) * cell
        let hint =
          "truth \(names[row]), prediction \(names[column]): \(ReportText.percent(share)) %, "
          + "\(ReportText.grouped(Int(exactly: value) ?? 0)) pixels"
        out += "<g><title>\(ReportText.escape(hint))</title>"
        out +=
          "<rect x=\"\(c(x))\" y=\"\(c(y))\" width=\"\(c(cell - 1))\" height=\"\(c(cell - 1))\" "
        out += "fill=\"\(total > 0 ? Self.colour(share) : "#f1f1f1")\"/>"
        if cell >= 30, share >= 0.005 {
          out += "<text x=\"\(c(x + cell / 2))\" y=\"\(c(y + cell / 2))\" dy=\"4\" "
          out += "text-anchor=\"middle\"\(share > 0.55 ? " fill=\"#fff\"" : "")>"
          out += "\(ReportText.fixed(100 * share, 0))</text>"
        }
        out += "</g>\n"
      }
    }
    return out + "</svg>\n"
  }

  /// White to dark blue.
  private static func colour(_ share: Double) -> String {
    func part(_ from: Double, _ to: Double) -> String {
      let value = Int((from + (to - from) * min(1, max(0, share)).squareRoot()).rounded())
      let digits = String(value, radix: 16)
      return digits.count < 2 ? "0" + digits : digits
    }
    return "#" + part(247, 8) + part(250, 69) + part(253, 148)
  }
}
