import SegCore
import Testing

@Suite struct JSONParserTests {
  static let good: [(text: String, value: JSONValue)] = [
    ("null", .null), (" true\n", .bool(true)), ("false", .bool(false)),
    ("0", .integer(0)), ("-12", .integer(-12)), ("9223372036854775807", .integer(Int.max)),
    ("-9223372036854775808", .integer(Int.min)), ("3.0", .integer(3)), ("1e3", .integer(1000)),
    ("-0.0", .integer(0)), ("0.1", .number(0.1)), ("5e-324", .number(.leastNonzeroMagnitude)),
    ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)), ("0e999", .integer(0)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)),
    (#""""#, .string("")), (#""a\"\\\/\b\f\n\r\té""#, .string("a\"\\/\u{8}\u{c}\n\r\té")),
    (#""\u00e9\ud83d\ude00""#, .string("é😀")), ("\"é😀\u{7F}\"", .string("é😀\u{7F}")),
    ("[]", .array([])),
    ("[1, [2], {}]", .array([.integer(1), .array([.integer(2)]), .fields([:])])),
    (
      #"{"b": 1, "a": {"": null}}"#,
      .fields(["b": .integer(1), "a": .fields(["": .null])])
    ),
    ("\u{FEFF}[1]", .array([.integer(1)])),
  ]

  @Test(arguments: good)
  func reads(text: String, value: JSONValue) throws {
    #expect(try JSONNode.parse(Array(text.utf8), name: "t").value == value)
  }

  @Test(arguments: [
    "// first\n[1, /* , */ 2,] // last", "[1,2]/**/", "/***/[\n1\n,2,\n]", "[1,2] //",
    "\r\n[\t1,\r2]",
  ])
  func commentsAndTrailingCommas(text: String) throws {
    let value = try JSONNode.parse(Array(text.utf8), name: "t", dialect: .commented).value
    #expect(value == .array([.integer(1), .integer(2)]))
  }

  static let bad: [(text: String, dialect: JSONDialect, expected: String)] =
    strictOnly.map { ($0, .strict, $1) } + both.map { ($0, .commented, $1) }

  static let strictOnly: [(String, String)] = [
    ("[1,]", #"t:1:3: expected no comma before "]", found ",""#),
    ("[1] // x", "t:1:5: expected JSON without comments, found a comment"),
  ]

  static let both: [(String, String)] = [
    ("", "t:1:1: expected a value, found the end of the text"),
    ("\n  ", "t:2:3: expected a value, found the end of the text"),
    (
      "[1, 2",
      "t:1:6: expected \",\" or \"]\", found the end of the text\n  hint: an array opened at line 1, column 1 is not closed"
    ),
    (
      "[",
      "t:1:2: expected \"]\", found the end of the text\n  hint: an array opened at line 1, column 1 is not closed"
    ),
    ("[,]", #"t:1:2: 0: expected a value, found ",""#),
    ("[1 2]", #"t:1:4: expected "," or "]", found 2"#),
    ("[1}", #"t:1:3: expected "," or "]", found "}""#),
    ("{} {}", #"t:1:4: expected the end of the document, found "{""#),
    (#"{"a" 1}"#, #"t:1:6: expected ":" after the key "a", found 1"#),
    (#"{"a": }"#, #"t:1:7: a: expected a value, found "}""#),
    (
      #"{"a": {"b": [0, 1, x]}}"#,
      "t:1:20: a.b.2: expected a value, found x\n  hint: text stands in double quotes: \"x\""
    ),
    ("{lr: 1}", "t:1:2: expected a key in double quotes, found lr\n  hint: write \"lr\""),
    ("{'a': 1}", #"t:1:2: expected a key in double quotes, found "'""#),
    ("'a'", "t:1:1: expected a value, found \"'\"\n  hint: strings stand in double quotes"),
    (
      #"{"a": 1, "a": 2}"#,
      "t:1:10: a: expected each key once, found \"a\" again\n  hint: it was first given at line 1, column 2; remove one of the two"
    ),
    ("True", "t:1:1: expected a value, found True\n  hint: write true"),
    ("None", "t:1:1: expected a value, found None\n  hint: write null"),
    ("[NaN]", "t:1:2: 0: expected a finite number, found NaN"),
    ("-Infinity", "t:1:1: expected a finite number, found -Infinity"),
    ("1e400", "t:1:1: expected a number up to 1.8e308, found 1e400"),
    ("-1e-400", "t:1:1: expected zero or a number of at least 5e-324, found -1e-400"),
    ("007", "t:1:1: expected a number, found 007\n  hint: numbers have no leading zeros"),
    ("+1", "t:1:1: expected a number, found +1\n  hint: numbers have no leading +"),
    (".5", "t:1:1: expected a number, found .5\n  hint: write a digit before the point"),
    ("5.", "t:1:1: expected a number, found 5.\n  hint: write a digit after the point"),
    ("0x1F", "t:1:1: expected a number, found 0x1F\n  hint: hexadecimal is not JSON"),
    ("1_000", "t:1:1: expected a number, found 1_000\n  hint: write the digits without _"),
    ("-", "t:1:1: expected a number, found -"), ("1e", "t:1:1: expected a number, found 1e"),
    ("3px", "t:1:1: expected a number, found 3px"),
    ("\"abc", "t:1:1: expected a closing double quote, found the end of the text"),
    (
      "\"a\nb\"",
      "t:1:1: expected a closing double quote on the same line, found a line break\n  hint: write \\n for a line break within a string"
    ),
    (
      "\"a\u{1}\"",
      "t:1:3: expected printable text, found the character U+0001\n  hint: write \\u0001"
    ),
    (
      #""a\x""#,
      "t:1:3: expected an escape \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX, found x\n  hint: write \\\\ for a backslash"
    ),
    (#""\u12g4""#, #"t:1:2: expected four hexadecimal digits after \u"#),
    (#""\u+123""#, #"t:1:2: expected four hexadecimal digits after \u"#),
    (#""\ud800x""#, #"t:1:2: expected a character, found half of a surrogate pair \uD800"#),
    (#""\udc00""#, #"t:1:2: expected a character, found half of a surrogate pair \uDC00"#),
    (#""\ud800\u0041""#, #"t:1:2: expected a character, found half of a surrogate pair \uD800"#),
    ("[1] /* x", #"t:1:5: expected "*/" at the end of this comment, found the end of the text"#),
    ("/", #"t:1:1: expected a value or a comment, found "/""#),
    ("# x\n1", "t:1:1: expected JSON, found \"#\"\n  hint: comments begin with //"),
    ("\u{0}", "t:1:1: expected a value, found the character U+0000"),
    (
      "[\"é😀\", x]",
      "t:1:8: 1: expected a value, found x\n  hint: text stands in double quotes: \"x\""
    ),
    (
      "[1,\r\n2,\r3,\n x]",
      "t:4:2: 3: expected a value, found x\n  hint: text stands in double quotes: \"x\""
    ),
  ]

  @Test(arguments: bad)
  func rejects(text: String, dialect: JSONDialect, expected: String) {
    let failure = #expect(throws: Failure.self) {
      try JSONNode.parse(Array(text.utf8), name: "t", dialect: dialect)
    }
    #expect(failure?.description == expected)
    #expect(failure?.status == .badData)
  }

  @Test(
    arguments: [
      (
        [0x22, 0xFF, 0x22],
        "t:1:2: expected UTF-8 text, found the byte 0xFF\n  hint: save the file as UTF-8"
      ),
      (
        [0x0A, 0x22, 0xC0, 0x80, 0x22],
        "t:2:2: expected UTF-8 text, found the byte 0xC0\n  hint: save the file as UTF-8"
      ),
      (
        [0x22, 0xE2, 0x82],
        "t:1:2: expected UTF-8 text, found the byte 0xE2\n  hint: save the file as UTF-8"
      ),
      (
        [0xFF, 0xFE, 0x5B, 0x00],
        "t:1:1: expected UTF-8 text, found the byte 0xFF\n  hint: save the file as UTF-8"
      ),
    ] as [([UInt8], String)])
  func rejectsOtherEncodings(bytes: [UInt8], expected: String) {
    let failure = #expect(throws: Failure.self) { try JSONNode.parse(bytes, name: "t") }
    #expect(failure?.description == expected)
  }

  @Test func depth() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    #expect(throws: Never.self) { try JSONNode.parse(nested(64), name: "t") }
    for depth in [65, 1_000_000] {
      let failure = #expect(throws: Failure.self) { try JSONNode.parse(nested(depth), name: "t") }
      #expect(
        failure?.problem.hasSuffix("expected at most 64 levels of nesting, found more") == true)
      #expect(failure?.place == "t:1:65")
    }
  }

  @Test func size() {
    let dialect = JSONDialect(relaxed: false, size: 4)
    #expect(throws: Never.self) {
      try JSONNode.parse(Array("[12]".utf8), name: "t", dialect: dialect)
    }
    let failure = #expect(throws: Failure.self) {
      try JSONNode.parse(Array("[123]".utf8), name: "t", dialect: dialect)
    }
    #expect(failure?.description == "t:1:1: expected at most 4 bytes, found more")
  }

  @Test func nodesKnowTheirPlaces() throws {
    let root = try JSONNode.parse(Array(#"{"a": [1, "x"]}"#.utf8), name: "t")
    guard case .object(let members) = root.kind, case .array(let items) = members[0].value.kind
    else {
      Issue.record("wrong kinds")
      return
    }
    #expect(members[0].keyPlace.offset == 1)
    #expect(members[0].value.place.offset == 6)
    #expect(members[0].value.end == 14)
    #expect(items.map(\.place.offset) == [7, 10])
    #expect(items.map(\.end) == [8, 13])
  }
}
