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
