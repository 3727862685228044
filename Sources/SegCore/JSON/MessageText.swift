/// How keys and values are shown in messages: short, on one line, control characters escaped.
package enum MessageText {
  static let limit = 40

  /// In double quotes, as JSON writes it.
  package static func quoted(_ text: String) -> String {
    JSONValue.string(shortened(text)).compact
  }

  /// The first 40 characters and an ellipsis where there are more.
  ///
  /// Counted in scalars: one character may be made of any number of them.
  package static func shortened(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
      end < scalars.endIndex
    else { return text }
    return String(scalars[..<end]) + "…"
  }

  /// A key as part of a dotted path: quoted only where it would be unreadable.
  package static func component(_ key: String) -> String {
    let isPlain =
      !key.isEmpty
      && key.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || ("0"..."9").contains($0)
          || "_-$/[]".unicodeScalars.contains($0)
      }
    return isPlain ? shortened(key) : quoted(key)
  }

  package static func join(_ path: String, _ key: String) -> String {
    path.isEmpty ? component(key) : "\(path).\(component(key))"
  }

  /// `a`, `a or b`, `a, b or c`.
  package static func alternatives(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " or " + last
  }

  /// As JSON writes it: `0.5`, `3`, `1e-08`.
  package static func number(_ value: Double) -> String { JSONValue.number(value).compact }
}
