/// Reads the JSON of a safetensors header without building a tree of it.
///
/// A general parser would turn a hostile header of 100 MB into gigabytes of small values; this one
/// keeps only names, types, extents and offsets, and skips everything else.
struct SafetensorsHeaderParser {
  /// A tensor as written in the header, before any check of the numbers against each other.
  struct Item {
    var name: String
    var dtype: StoredDType
    var shape: Shape
    var begin: Int
    var end: Int
  }

  /// The format has no limit; nothing sensible has more, and memory stays in proportion to the file.
  static let maximalRank = 64
  /// Metadata, tensor, shape: three levels; a few more are skipped in fields unknown to us.
  static let maximalDepth = 16

  private let path: String
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  mutating func parse() throws(Failure) -> (items: [Item], metadata: [(key: String, value: String)])
  {
    var items: [Item] = []
    var metadata: [(key: String, value: String)] = []
    try object { parser, key throws(Failure) in
      if key == "__metadata__" {
        try parser.object { parser, key throws(Failure) in
          let start = parser.position
          guard parser.peek() == UInt8(ascii: "\"") else {
            throw parser.failure("__metadata__ \(shown(key)): expected a string", at: start)
          }
          metadata.append((key, try parser.string()))
        }
      } else {
        items.append(try parser.item(key))
      }
    }
    skipSpace()
    guard position == bytes.count else { throw failure("expected nothing after the last \"}\"") }
    return (items, metadata)
  }

  private mutating func item(_ name: String) throws(Failure) -> Item {
    var dtype: StoredDType?
    var shape: [Int]?
    var offsets: [Int]?
    let place = "tensor \(shown(name))"
    try object { parser, key throws(Failure) in
      let start = parser.position
      switch key {
      case "dtype":
        let text = try parser.string()
        guard let known = StoredDType(rawValue: text) else {
          let names = StoredDType.allCases.map(\.rawValue).joined(separator: " ")
          throw parser.failure(
            "\(place): expected dtype to be one of \(names), found \(shown(text))", at: start)
        }
        dtype = known
      case "shape":
        shape = try parser.sizes("\(place): shape", limit: Self.maximalRank)
      case "data_offsets":
        let found = try parser.sizes("\(place): data_offsets", limit: 2)
        guard found.count == 2 else {
          throw parser.failure(
            "\(place): expected data_offsets [begin, end], found \(found.count) numbers", at: start)
        }
        offsets = found
      default: try parser.skipValue(depth: 3)
      }
    }
    guard let dtype else { throw failure("\(place): expected a field \"dtype\"") }
    guard let shape else { throw failure("\(place): expected a field \"shape\"") }
    guard let offsets else { throw failure("\(place): expected a field \"data_offsets\"") }
    return Item(name: name, dtype: dtype, shape: Shape(shape), begin: offsets[0], end: offsets[1])
  }

  // MARK: Values

  /// An object; `field` is called behind each `key:` and must read the value.
  private mutating func object(
    _ field: (inout Self, _ key: String) throws(Failure) -> Void
  ) throws(Failure) {
    try expect("{")
    var seen = Set<String>()
    skipSpace()
    if take("}") { return }
    repeat {
      skipSpace()
      let start = position
      let key = try string()
      guard seen.insert(key).inserted else {
        throw failure("the key \(shown(key)) appears twice", at: start)
      }
      try expect(":")
      skipSpace()
      try field(&self, key)
      skipSpace()
    } while take(",")
    try expect("}")
  }

  private mutating func sizes(_ place: String, limit: Int) throws(Failure) -> [Int] {
    guard peek() == UInt8(ascii: "[") else {
      throw failure("\(place): expected a list of whole numbers")
    }
    position += 1
    var found: [Int] = []
    skipSpace()
    if take("]") { return found }
    repeat {
      skipSpace()
      let start = position
      let text = try number()
      guard let value = Int(text), value >= 0, text != "-0" else {
        throw failure(
          "\(place): expected whole numbers from 0 to \(Int.max), found \(text.prefix(40))",
          at: start)
      }
      guard found.count < limit else {
        throw failure("\(place): expected at most \(limit) numbers", at: start)
      }
      found.append(value)
      skipSpace()
    } while take(",")
    try expect("]")
    return found
  }

  /// The text of a number in JSON's grammar.
  private mutating func number() throws(Failure) -> String {
    let start = position
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws(Failure) {
    let start = position
    while let byte = peek(), (0x30...0x39).contains(byte) { position += 1 }
    guard position > start else { throw failure("expected a number") }
  }

  private mutating func string() throws(Failure) -> String {
    try expect("\"")
    let start = position
    // Nearly every string is plain and can be taken as it stands.
    while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      position += 1
    }
    var text = Array(bytes[start..<position])
    while let byte = peek() {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &text)
      case ..<0x20:
        throw failure("control character in a string", at: position - 1)
      default: text.append(byte)
      }
    }
    throw failure("expected the end of a string")
  }

  private mutating func escape(into text: inout [UInt8]) throws(Failure) {
    let start = position
    guard let byte = peek() else { throw failure("expected the end of a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hex()
      if code & 0xFC00 == 0xD800, take("\\"), take("u") {
        let low = try hex()
        guard low & 0xFC00 == 0xDC00 else { throw failure("half a surrogate pair", at: start) }
        code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
      }
      guard let scalar = Unicode.Scalar(code) else {
        throw failure("half a surrogate pair", at: start)
      }
      text += Array(String(Character(scalar)).utf8)
    default: throw failure("unknown escape in a string", at: start)
    }
  }

  private mutating func hex() throws(Failure) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = peek().flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
        throw failure("expected four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  private mutating func skipValue(depth: Int) throws(Failure) {
    guard depth <= Self.maximalDepth else {
      throw failure("nested more than \(Self.maximalDepth) levels deep")
    }
    switch peek() {
    case UInt8(ascii: "{"):
      try object { parser, _ throws(Failure) in try parser.skipValue(depth: depth + 1) }
    case UInt8(ascii: "["):
      position += 1
      skipSpace()
      if take("]") { return }
      repeat {
        skipSpace()
        try skipValue(depth: depth + 1)
        skipSpace()
      } while take(",")
      try expect("]")
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    default: _ = try number()
    }
  }

  // MARK: Bytes

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func word(_ text: String) throws(Failure) {
    guard bytes[position...].starts(with: text.utf8) else { throw failure("expected \(text)") }
    position += text.utf8.count
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
    skipSpace()
    guard take(character) else { throw failure("expected \(shown(String(character)))") }
  }

  private func failure(_ problem: String, at start: Int? = nil) -> Failure {
    let place = start ?? position
    let found = place < bytes.count ? "" : ", found the end of the header"
    return Failure(
      .badData, path, "safetensors header, byte \(place + 8): \(problem)\(found)",
      hint: SafetensorsHeader.hint)
  }
}

/// A name from a file in an error text: quoted, control characters escaped, not too long.
///
/// Counted in scalars, since one character may be made of any number of them.
func shown(_ name: String) -> String {
  let scalars = name.unicodeScalars
  let limit = 80
  guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
    end < scalars.endIndex
  else { return JSONValue.string(name).compact }
  return JSONValue.string(String(scalars[..<end]) + "…").compact
}
