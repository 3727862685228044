/// Blanks, comments, words and the naming of what was found.
extension JSONParser {
  var peek: UInt8? { offset < text.bytes.count ? text.bytes[offset] : nil }

  mutating func skipBlank() throws(JSONFault) {
    while let byte = peek {
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      case UInt8(ascii: "/"): try skipComment()
      case UInt8(ascii: "#"):
        throw JSONFault(offset, "expected JSON, found \"#\"", hint: "comments begin with //")
      default: return
      }
    }
  }

  private mutating func skipComment() throws(JSONFault) {
    let start = offset
    let second = offset + 1 < text.bytes.count ? text.bytes[offset + 1] : nil
    guard second == UInt8(ascii: "/") || second == UInt8(ascii: "*") else {
      throw JSONFault(start, "expected a value or a comment, found \"/\"")
    }
    guard dialect.relaxed else {
      throw JSONFault(start, "expected JSON without comments, found a comment")
    }
    offset += 2
    if second == UInt8(ascii: "/") {
      while let byte = peek, byte != 0x0A, byte != 0x0D { offset += 1 }
      return
    }
    while let byte = peek {
      offset += 1
      if byte == UInt8(ascii: "*"), peek == UInt8(ascii: "/") {
        offset += 1
        return
      }
    }
    throw JSONFault(start, "expected \"*/\" at the end of this comment, found the end of the text")
  }

  /// `true`, `false` and `null`; what other languages write instead is named as such.
  mutating func word() throws(JSONFault) -> JSONNode.Kind {
    let start = offset
    let word = wordText()
    switch word {
    case "true", "false", "null":
      offset += word.utf8.count
      return word == "null" ? .null : .bool(word == "true")
    case "True", "TRUE", "False", "FALSE", "None", "NULL", "nil", "undefined":
      offset += word.utf8.count
      let meant =
        switch word.lowercased() {
        case "true": "true"
        case "false": "false"
        default: "null"
        }
      report(JSONFault(start, "expected a value, found \(word)", hint: "write \(meant)"))
      return .invalid
    case "NaN", "nan", "NAN", "Infinity", "infinity", "Inf", "inf":
      offset += word.utf8.count
      report(JSONFault(start, "expected a finite number, found \(word)"))
      return .invalid
    default:
      let hint: String? =
        if peek == UInt8(ascii: "'") {
          "strings stand in double quotes"
        } else if !word.isEmpty {
          "text stands in double quotes: \(quoted(word))"
        } else {
          nil
        }
      throw JSONFault(start, "expected a value, found \(token())", hint: hint)
    }
  }

  func isWordByte(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    return switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// The letters, digits and underscores from here on, at most 60 of them.
  func wordText() -> String {
    var end = offset
    while end < text.bytes.count, end - offset < 60, isWordByte(text.bytes[end]) { end += 1 }
    return text.slice(offset..<end)
  }

  /// What stands here, in words fit for "found …".
  func token() -> String {
    guard let byte = peek else { return "the end of the text" }
    if isWordByte(byte) { return wordText() }
    if byte == UInt8(ascii: "\"") { return "a string" }
    let rest = text.slice(offset..<min(offset + 4, text.bytes.count))
    guard let scalar = rest.unicodeScalars.first else { return "nothing" }
    return Self.name(scalar)
  }

  /// A character in quotes, or its code where it cannot be seen.
  static func name(_ scalar: Unicode.Scalar) -> String {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .unassigned, .privateUse, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      "the character U+\(hex(scalar.value, digits: 4))"
    default: scalar == "\"" ? "a double quote" : "\"\(scalar)\""
    }
  }

  func quoted(_ text: String) -> String { MessageText.quoted(text) }
}

/// Upper-case hexadecimal with at least `digits` digits.
func hex(_ value: UInt32, digits: Int) -> String {
  let text = String(value, radix: 16, uppercase: true)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
