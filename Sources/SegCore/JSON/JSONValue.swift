/// A JSON document whose objects keep the order of their keys.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  /// Written with as many digits as bring the same `Double` back.
  case number(Double)
  /// Written with as many digits as bring the same `Float` back.
  case float(Float)
  case string(String)
  case array([JSONValue])
  case object([(key: String, value: JSONValue)])

  /// An object, keys in the order given.
  public static func fields(_ pairs: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object(pairs.map { (key: $0.key, value: $0.value) })
  }

  /// The value of `key`, where this is an object that has it.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let pairs) = self else { return nil }
    return pairs.first { $0.key == key }?.value
  }

  public static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let x), .bool(let y)): x == y
    case (.integer(let x), .integer(let y)): x == y
    case (.number(let x), .number(let y)): x == y
    case (.float(let x), .float(let y)): x == y
    case (.string(let x), .string(let y)): x == y
    case (.array(let x), .array(let y)): x == y
    case (.object(let x), .object(let y)):
      x.elementsEqual(y) { $0.key == $1.key && $0.value == $1.value }
    default: false
    }
  }
}

extension JSONValue {
  /// The document on one line, as in a `.jsonl` file.
  public var compact: String {
    var out = ""
    write(into: &out, indent: nil, depth: 0)
    return out
  }

  /// The document over several lines, two spaces a level; arrays of scalars stay on one line.
  public var pretty: String {
    var out = ""
    write(into: &out, indent: 2, depth: 0)
    return out + "\n"
  }

  private var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  private func write(into out: inout String, indent: Int?, depth: Int) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .integer(let value): out += String(value)
    case .number(let value): out += value.isFinite ? Self.plain("\(value)") : "null"
    case .float(let value): out += value.isFinite ? Self.plain("\(value)") : "null"
    case .string(let value): Self.quote(value, into: &out)
    case .array(let items):
      let inline = items.allSatisfy(\.isScalar)
      Self.list(items, "[", "]", into: &out, indent: inline ? nil : indent, depth) { item, out in
        item.write(into: &out, indent: inline ? nil : indent, depth: depth + 1)
      }
    case .object(let pairs):
      Self.list(pairs, "{", "}", into: &out, indent: indent, depth) { pair, out in
        Self.quote(pair.key, into: &out)
        out += indent == nil ? ":" : ": "
        pair.value.write(into: &out, indent: indent, depth: depth + 1)
      }
    }
  }

  private static func list<Item>(
    _ items: [Item], _ open: String, _ close: String, into out: inout String, indent: Int?,
    _ depth: Int, _ body: (Item, inout String) -> Void
  ) {
    out += open
    for (index, item) in items.enumerated() {
      if index > 0 { out += indent == nil ? ", " : "," }
      if let indent { out += "\n" + String(repeating: " ", count: indent * (depth + 1)) }
      body(item, &out)
    }
    if let indent, !items.isEmpty { out += "\n" + String(repeating: " ", count: indent * depth) }
    out += close
  }

  /// Swift prints `1.0` and `1e-05`; both are JSON already, so only the trailing `.0` goes.
  private static func plain(_ text: String) -> String {
    text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func quote(_ text: String, into out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}
