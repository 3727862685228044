/// Strings and numbers.
extension JSONParser {
  /// The string that begins here with its opening quote.
  mutating func string() throws(JSONFault) -> String {
    let start = offset
    offset += 1
    var bytes: [UInt8] = []
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return String(decoding: bytes, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &bytes)
      case 0x0A, 0x0D:
        throw JSONFault(
          start, "expected a closing double quote on the same line, found a line break",
          hint: "write \\n for a line break within a string")
      case 0..<0x20:
        throw JSONFault(
          offset, "expected printable text, found \(Self.name(Unicode.Scalar(byte)))",
          hint: "write \\u\(hex(UInt32(byte), digits: 4))")
      default:
        bytes.append(byte)
        offset += 1
      }
    }
    throw JSONFault(start, "expected a closing double quote, found the end of the text")
  }

  private mutating func escape(into bytes: inout [UInt8]) throws(JSONFault) {
    let start = offset
    offset += 1
    let escaped = peek
    offset += 1
    switch escaped {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(escaped ?? 0)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"): bytes += Array(String(try unicodeEscape(from: start)).utf8)
    default:
      offset = start + 1
      throw JSONFault(
        start, "expected an escape \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX, found \(token())",
        hint: "write \\\\ for a backslash")
    }
  }

  /// The scalar after `\u`; two escapes make one where the first is the high half of a pair.
  private mutating func unicodeEscape(from start: Int) throws(JSONFault) -> Unicode.Scalar {
    let first = try fourDigits(from: start)
    if let scalar = Unicode.Scalar(first) { return scalar }
    let isPair =
      first < 0xDC00 && peek == UInt8(ascii: "\\") && offset + 1 < text.bytes.count
      && text.bytes[offset + 1] == UInt8(ascii: "u")
    if isPair {
      offset += 2
      let second = try fourDigits(from: start)
      let code = 0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF)
      if 0xDC00...0xDFFF ~= second, let scalar = Unicode.Scalar(code) { return scalar }
    }
    throw JSONFault(
      start, "expected a character, found half of a surrogate pair \\u\(hex(first, digits: 4))")
  }

  private mutating func fourDigits(from start: Int) throws(JSONFault) -> UInt32 {
    let digits = text.slice(offset..<min(offset + 4, text.bytes.count))
    guard digits.utf8.count == 4, digits.utf8.allSatisfy({ isWordByte($0) }),
      let code = UInt32(digits, radix: 16)
    else { throw JSONFault(start, "expected four hexadecimal digits after \\u") }
    offset += 4
    return code
  }

  /// The number that begins here; a malformed one is reported and reading goes on behind it.
  mutating func number() -> JSONNode.Kind {
    let start = offset
    while let byte = peek,
      isWordByte(byte) || byte == UInt8(ascii: "-")
        || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
    { offset += 1 }
    let shown = MessageText.shortened(text.slice(start..<min(offset, start + 200)))
    func reject(_ expected: String, hint: String? = nil) -> JSONNode.Kind {
      report(JSONFault(start, "expected \(expected), found \(shown)", hint: hint))
      return .invalid
    }
    guard offset - start <= 400 else { return reject("a number of at most 400 characters") }
    let spelling = text.slice(start..<offset)
    let name = spelling.drop { $0 == "-" || $0 == "+" }.lowercased()
    if ["nan", "inf", "infinity"].contains(name) { return reject("a finite number") }
    guard let isWhole = Self.isWhole(spelling.utf8) else {
      return reject("a number", hint: Self.numberHint(spelling))
    }
    if isWhole, let integer = Int(spelling) { return .integer(integer) }
    guard let number = Double(spelling), number.isFinite else {
      return reject("a number up to 1.8e308")
    }
    if number == 0, spelling.prefix(while: { $0 != "e" && $0 != "E" }).contains(where: \.isNonZero)
    {
      return reject("zero or a number of at least 5e-324")
    }
    return abs(number) <= 0x1p53 && number == number.rounded()
      ? .integer(Int(number)) : .number(number)
  }

  /// Checks `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
  ///
  /// - Returns: whether there is neither fraction nor exponent; `nil` when the spelling is not a number.
  private static func isWhole(_ spelling: String.UTF8View) -> Bool? {
    var rest = spelling[...]
    func digits() -> Int {
      let run = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      rest = rest.dropFirst(run.count)
      return run.count
    }
    if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !startsWithZero || whole == 1 else { return nil }
    var isWhole = true
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      guard digits() > 0 else { return nil }
      isWhole = false
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest.removeFirst()
      if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
      guard digits() > 0 else { return nil }
      isWhole = false
    }
    return rest.isEmpty ? isWhole : nil
  }

  private static func numberHint(_ spelling: String) -> String? {
    let digits =
      spelling.first == "-" || spelling.first == "+" ? spelling.dropFirst() : spelling[...]
    if spelling.first == "+" { return "numbers have no leading +" }
    if digits.hasPrefix("0x") || digits.hasPrefix("0X") { return "hexadecimal is not JSON" }
    if digits.first == "." { return "write a digit before the point" }
    if spelling.last == "." { return "write a digit after the point" }
    if digits.contains("_") { return "write the digits without _" }
    if digits.first == "0" { return "numbers have no leading zeros" }
    return nil
  }
}

extension Character {
  fileprivate var isNonZero: Bool { ("1"..."9").contains(self) }
}
