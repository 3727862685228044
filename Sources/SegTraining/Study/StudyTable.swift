/// A table of a study before it is written as Markdown or LaTeX.
package struct StudyTable {
  package enum Cell {
    case text(String)
    /// Mean and standard deviation.
    case spread(Spread, percent: Bool)
    case difference(PairedBootstrap.Difference?, percent: Bool)
  }

  let title: String
  let columns: [String]
  /// The first cell is the row's name.
  let rows: [[Cell]]
  /// Whether the largest mean of each column is marked.
  let marksLargest: Bool

  package init(title: String, columns: [String], rows: [[Cell]], marksLargest: Bool) {
    self.title = title
    self.columns = columns
    self.rows = rows
    self.marksLargest = marksLargest
  }

  /// Rows whose mean is the largest of the column as it is shown, where they are not all of them.
  private func largest(_ column: Int) -> Set<Int> {
    guard marksLargest, rows.count > 1 else { return [] }
    let shown = rows.map { row -> Double? in
      guard case .spread(let spread, _) = row[column], let mean = spread.mean else { return nil }
      // Two digits of a percentage, four of anything else.
      return (mean * 1e4).rounded()
    }
    guard let best = shown.compactMap({ $0 }).max() else { return [] }
    let found = Set(shown.indices.filter { shown[$0] == best })
    return found.count < rows.count ? found : []
  }

  // MARK: Markdown

  package var markdown: String {
    var lines = ["| " + columns.map(Self.markdown).joined(separator: " | ") + " |"]
    lines.append("|---|" + String(repeating: "---:|", count: columns.count - 1))
    let marks = columns.indices.map(largest)
    for (index, row) in rows.enumerated() {
      let cells = row.enumerated().map { column, cell in
        let text = Self.text(cell, plusMinus: " ± ", minus: "−", none: "–")
        let escaped = Self.markdown(text)
        return marks[column].contains(index) ? "**\(escaped)**" : escaped
      }
      lines.append("| " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Text in a cell of a table, where some characters mean something.
  static func markdown(_ text: String) -> String {
    text.reduce(into: "") { out, character in
      if "\\`*_{}<>|#".contains(character) { out.append("\\") }
      out.append(character)
    }
  }

  // MARK: LaTeX

  /// A `table` in booktabs' style; a document needs `\usepackage{booktabs}`.
  package var latex: String {
    var lines = [
      "\\begin{table}", "  \\centering", "  \\caption{\(Self.latex(title))}",
      "  \\begin{tabular}{l\(String(repeating: "r", count: columns.count - 1))}", "    \\toprule",
      "    " + columns.map(Self.latex).joined(separator: " & ") + " \\\\", "    \\midrule",
    ]
    let marks = columns.indices.map(largest)
    for (index, row) in rows.enumerated() {
      let cells = row.enumerated().map { column, cell -> String in
        if case .text(let text) = cell { return Self.latex(text) }
        let text = Self.text(cell, plusMinus: " \\pm ", minus: "-", none: "--")
        guard text != "--" else { return text }
        return marks[column].contains(index) ? "$\\mathbf{\(text)}$" : "$\(text)$"
      }
      lines.append("    " + cells.joined(separator: " & ") + " \\\\")
    }
    lines += ["    \\bottomrule", "  \\end{tabular}", "\\end{table}"]
    return lines.joined(separator: "\n") + "\n"
  }

  static func latex(_ text: String) -> String {
    text.reduce(into: "") { out, character in
      switch character {
      case "\\": out += "\\textbackslash{}"
      case "~": out += "\\textasciitilde{}"
      case "^": out += "\\textasciicircum{}"
      case "&", "%", "$", "#", "_", "{", "}": out += "\\\(character)"
      default: out.append(character)
      }
    }
  }

  // MARK: Numbers

  private static func text(
    _ cell: Cell, plusMinus: String, minus: String, none: String
  ) -> String {
    switch cell {
    case .text(let text): return text
    case .spread(let spread, let percent):
      guard let mean = spread.mean else { return none }
      return number(mean, percent, minus)
        + (spread.deviation.map { plusMinus + number($0, percent, minus) } ?? "")
    case .difference(let difference, let percent):
      guard let difference, let mean = difference.spread.mean else { return none }
      var text = (mean >= 0 ? "+" : "") + number(mean, percent, minus)
      if let deviation = difference.spread.deviation {
        text += plusMinus + number(deviation, percent, minus)
      }
      if let low = difference.low, let high = difference.high {
        text += " [\(number(low, percent, minus)), \(number(high, percent, minus))]"
      }
      return text
    }
  }

  private static func number(_ value: Double, _ percent: Bool, _ minus: String) -> String {
    let text = percent ? fixed(100 * value, 2) : fixed(value, 4)
    return text.hasPrefix("-") ? minus + text.dropFirst() : text
  }
}
