/// A table in plain text whose columns are as wide as their widest cell.
struct TextTable {
  enum Column {
    case left(String)
    case right(String)

    var header: String {
      switch self {
      case .left(let header), .right(let header): header
      }
    }

    func padded(_ cell: String, to width: Int) -> String {
      let space = String(repeating: " ", count: width - cell.count)
      return switch self {
      case .left: cell + space
      case .right: space + cell
      }
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  init(_ columns: [Column]) {
    self.columns = columns
    rows.append(columns.map(\.header))
  }

  /// Adds a row with one cell a column.
  mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "\(cells.count) cells in \(columns.count) columns")
    rows.append(cells)
  }

  /// Header and rows, a line each, without the last line's end.
  var text: String {
    let widths = columns.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(columns, zip(row, widths)).map { $0.padded($1.0, to: $1.1) }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
