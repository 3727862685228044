/// Recursive-descent JSON reader; recursion is bounded by the dialect's depth.
///
/// Faults that leave the structure clear (a repeated key, `NaN`, `1e999`) are collected and reading goes on;
/// the first one that does not ends it.
struct JSONParser {
  let text: JSONText
  let source: Int
  let dialect: JSONDialect
  var offset = 0
  var depth = 0
  var faults: [JSONFault] = []
  /// Keys and indexes that lead to what is being read.
  private var path: [String] = []

  private init(_ text: JSONText, source: Int, dialect: JSONDialect) {
    self.text = text
    self.source = source
    self.dialect = dialect
  }

  /// The document, or `nil` where its structure is broken, and every fault found, in order.
  static func parse(
    _ text: JSONText, source: Int = 0, dialect: JSONDialect
  ) -> (root: JSONNode?, faults: [JSONFault]) {
    var parser = JSONParser(text, source: source, dialect: dialect)
    do throws(JSONFault) {
      let root = try parser.document()
      return (root, parser.faults)
    } catch {
      parser.report(error)
      return (nil, parser.faults)
    }
  }

  /// Notes a fault with the path of what is being read.
  mutating func report(_ fault: JSONFault) {
    var fault = fault
    fault.path = path.reduce("") { MessageText.join($0, $1) }
    faults.append(fault)
  }

  private mutating func document() throws(JSONFault) -> JSONNode {
    guard text.bytes.count <= dialect.size else {
      throw JSONFault(0, "expected at most \(dialect.size) bytes, found more")
    }
    if let fault = Self.encodingFault(text.bytes) { throw fault }
    if text.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }  // byte order mark
    try skipBlank()
    let root = try value()
    try skipBlank()
    guard offset == text.bytes.count else {
      throw JSONFault(offset, "expected the end of the document, found \(token())")
    }
    return root
  }

  private static func encodingFault(_ bytes: [UInt8]) -> JSONFault? {
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: bytes.span)
      return nil
    } catch {
      let start = error.byteOffsets.lowerBound
      return JSONFault(
        start, "expected UTF-8 text, found the byte 0x\(hex(UInt32(bytes[start]), digits: 2))",
        hint: "save the file as UTF-8")
    }
  }

  // MARK: Values

  mutating func value() throws(JSONFault) -> JSONNode {
    let start = offset
    guard let byte = peek else { throw JSONFault(start, "expected a value, found \(token())") }
    let kind: JSONNode.Kind
    switch byte {
    case UInt8(ascii: "{"): kind = try object()
    case UInt8(ascii: "["): kind = try array()
    case UInt8(ascii: "\""): kind = .string(try string())
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."):
      kind = number()
    default: kind = try word()
    }
    return JSONNode(kind, place: JSONPlace(source: source, offset: start), end: offset)
  }

  private mutating func object() throws(JSONFault) -> JSONNode.Kind {
    let start = try open()
    var members: [JSONNode.Member] = []
    var places: [String: Int] = [:]
    while try !closes(UInt8(ascii: "}"), "an object", openedAt: start, isFirst: members.isEmpty) {
      let keyOffset = offset
      guard peek == UInt8(ascii: "\"") else {
        throw JSONFault(
          keyOffset, "expected a key in double quotes, found \(token())",
          hint: isWordByte(peek) ? "write \"\(wordText())\"" : nil)
      }
      let key = try string()
      try skipBlank()
      guard peek == UInt8(ascii: ":") else {
        throw JSONFault(
          offset, "expected \":\" after the key \(quoted(key)), found \(token())",
          hint: unclosed("an object", start))
      }
      offset += 1
      try skipBlank()
      path.append(key)
      let value = try value()
      if let first = places[key] {
        report(
          JSONFault(
            keyOffset, "expected each key once, found \(quoted(key)) again",
            hint: "it was first given \(at(first)); remove one of the two"))
      } else {
        places[key] = keyOffset
        let place = JSONPlace(source: source, offset: keyOffset)
        members.append(JSONNode.Member(key: key, keyPlace: place, value: value))
      }
      path.removeLast()
    }
    depth -= 1
    return .object(members)
  }

  private mutating func array() throws(JSONFault) -> JSONNode.Kind {
    let start = try open()
    var items: [JSONNode] = []
    while try !closes(UInt8(ascii: "]"), "an array", openedAt: start, isFirst: items.isEmpty) {
      path.append(String(items.count))
      items.append(try value())
      path.removeLast()
    }
    depth -= 1
    return .array(items)
  }

  private mutating func open() throws(JSONFault) -> Int {
    guard depth < dialect.depth else {
      throw JSONFault(offset, "expected at most \(dialect.depth) levels of nesting, found more")
    }
    depth += 1
    offset += 1
    return offset - 1
  }

  /// Steps over what stands between elements; true when that was the closing bracket.
  private mutating func closes(
    _ bracket: UInt8, _ what: String, openedAt start: Int, isFirst: Bool
  ) throws(JSONFault) -> Bool {
    try skipBlank()
    if peek == bracket {
      offset += 1
      return true
    }
    let close = Character(UnicodeScalar(bracket))
    if isFirst {
      guard peek == nil else { return false }
    } else if peek == UInt8(ascii: ",") {
      let comma = offset
      offset += 1
      try skipBlank()
      guard peek == bracket else { return false }
      guard dialect.relaxed else {
        throw JSONFault(comma, "expected no comma before \"\(close)\", found \",\"")
      }
      offset += 1
      return true
    }
    throw JSONFault(
      offset, "expected \(isFirst ? "" : "\",\" or ")\"\(close)\", found \(token())",
      hint: unclosed(what, start))
  }

  private func unclosed(_ what: String, _ start: Int) -> String? {
    peek == nil ? "\(what) opened \(at(start)) is not closed" : nil
  }

  private func at(_ offset: Int) -> String {
    let (line, column) = text.position(of: offset)
    return "at line \(line), column \(column)"
  }
}
