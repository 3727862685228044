/// Rows as comma-separated values (RFC 4180), except that lines end in `\n` alone.
///
/// A field with a comma, a quote or a line break is quoted, and quotes in it are doubled.
func csv(_ rows: [[String]]) -> String {
  rows.map { $0.map(csvField).joined(separator: ",") + "\n" }.joined()
}

private func csvField(_ text: String) -> String {
  // By scalar: "\r\n" is one Character, and equal to neither of its halves.
  let special = text.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
  guard special else { return text }
  var quoted = "\""
  for scalar in text.unicodeScalars {
    if scalar == "\"" { quoted += "\"" }
    quoted.unicodeScalars.append(scalar)
  }
  return quoted + "\""
}

/// The rows of comma-separated values; what ``csv(_:)`` writes comes back as it was.
func csvRows(_ text: String) -> [[String]] {
  var rows: [[String]] = []
  var row: [String] = []
  var field = String.UnicodeScalarView()
  var isQuoted = false
  var scalars = text.unicodeScalars.makeIterator()
  var next = scalars.next()
  while let scalar = next {
    next = scalars.next()
    switch scalar {
    case "\"" where isQuoted && next == "\"":
      field.append(scalar)
      next = scalars.next()
    case "\"": isQuoted.toggle()
    case _ where isQuoted: field.append(scalar)
    case ",", "\n":
      row.append(String(field))
      field = String.UnicodeScalarView()
      if scalar == "\n" {
        rows.append(row)
        row = []
      }
    case "\r" where next == "\n": break
    default: field.append(scalar)
    }
  }
  if !row.isEmpty || !field.isEmpty { rows.append(row + [String(field)]) }
  return rows
}
