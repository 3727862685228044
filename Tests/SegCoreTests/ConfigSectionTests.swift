import SegCore
import Testing

private enum Color: String, ConfigChoice {
  case red, blue
  var help: String { "the colour \(rawValue)" }
}

private func decode<T>(
  _ text: String, set overrides: [String] = [], _ body: (ConfigSection) -> T
) throws -> (value: T, resolved: JSONValue) {
  try ConfigDocument(bytes: Array(text.utf8), name: "c", overrides: overrides).decode(body)
}

private func errors<T>(
  _ text: String, set overrides: [String] = [], _ body: (ConfigSection) -> T
) -> String {
  do {
    return "resolved: \(try decode(text, set: overrides, body).resolved.compact)"
  } catch {
    return "\(error)"
  }
}

@Suite struct ConfigSectionTests {
  @Test func readersGiveDefaults() throws {
    let (_, resolved) = try decode("{}") { section in
      #expect(section.number("number", default: 0.5, "n") == 0.5)
      #expect(section.optionalNumber("maybe_number", "n") == nil)
      #expect(section.int("int", default: -3, "n") == -3)
      #expect(section.optionalInt("maybe_int", default: 4, "n") == 4)
      #expect(section.bool("bool", default: true, "n"))
      #expect(section.string("string", default: "s", "n") == "s")
      #expect(section.optionalString("maybe_string", "n") == nil)
      #expect(section.choice("choice", default: Color.blue, "n") == .blue)
      #expect(section.int("stride", default: 8, among: [8, 16], "n") == 8)
      #expect(section.numbers("numbers", count: 2, default: [1, 2], "n") == [1, 2])
      #expect(section.optionalInts("ints", count: 2, "n") == nil)
      #expect(section.strings("strings", default: [], "n") == [])
      #expect(section.optionalSection("inner", "n") { $0.int("x", "n") } == nil)
    }
    #expect(
      resolved.compact == """
        {"number":0.5, "maybe_number":null, "int":-3, "maybe_int":4, "bool":true, "string":"s", \
        "maybe_string":null, "choice":"blue", "stride":8, "numbers":[1, 2], "ints":null, "strings":[], \
        "inner":null}
        """)
  }

  @Test func readersReadAndResolve() throws {
    let text = """
      {"number":3, "int":7, "choice":"red", "numbers":[0.5, 1], "strings":["a"], \
      "inner":{"x":5}, "list":[{"x":1}, {"x":2}]}
      """
    let (sum, resolved) = try decode(text) { section -> Int in
      #expect(section.number("number", "n") == 3)
      #expect(section.int("int", in: 7...7, "n") == 7)
      #expect(section.choice("choice", "n") == Color.red)
      #expect(section.numbers("numbers", count: 2, "n") == [0.5, 1])
      #expect(section.strings("strings", count: 1...1, "n") == ["a"])
      let inner = section.optionalSection("inner", "n") { $0.int("x", "n") }
      let list = section.sections("list", count: 1...3, "n") { $0.int("x", "n") }
      return (inner ?? 0) * 100 + list[0] * 10 + list[1]
    }
    #expect(sum == 512)
    #expect(resolved.compact == text)
  }

  static let problems: [(text: String, expected: String)] = [
    (
      "{}",
      "c:1:1: n: expected a number of at least 0, found nothing\n  hint: \"n\" is required: How many."
    ),
    (#"{"n": null}"#, "c:1:7: n: expected a number of at least 0, found null"),
    (#"{"n": "1"}"#, #"c:1:7: n: expected a number of at least 0, found "1""#),
    (#"{"n": true}"#, "c:1:7: n: expected a number of at least 0, found true"),
    (#"{"n": {"a": 1}}"#, "c:1:7: n: expected a number of at least 0, found an object"),
    ("{\"n\": [1,\n2]}", "c:1:7: n: expected a number of at least 0, found an array of 2 values"),
    (#"{"n": [1, 2]}"#, "c:1:7: n: expected a number of at least 0, found [1, 2]"),
    (#"{"n": -1e-3}"#, "c:1:7: n: expected a number of at least 0, found -1e-3"),
    (
      #"{"n": "\n\u0007 and so on and on and on and on and on and on"}"#,
      #"c:1:7: n: expected a number of at least 0, found "\n\u0007 and so on and on and on and on and on…""#
    ),
    (
      #"{"n": 1, "a.b\n": 1}"#,
      "c:1:10: \"a.b\\n\": expected a known key, found \"a.b\\n\"\n  hint: known keys: n"
    ),
  ]

  @Test(arguments: problems)
  func problem(text: String, expected: String) {
    #expect(errors(text) { $0.number("n", in: 0...(.infinity), "How many.") } == expected)
  }

  @Test func decodingGoesOn() {
    let text = #"{"a": "x", "in": {"b": 0.5}, "list": [{}, 3, {"x": 1, "y": 2}], "z": 1}"#
    let found = errors(text) { section in
      _ = section.int("a", "First.")
      _ = section.section("in", "Inner.") { $0.int("b", "Second.") }
      _ = section.sections("list", count: 1...3, "List.") { $0.int("x", "Third.") }
    }
    #expect(
      found == """
        c:1:7: a: expected an integer, found "x"
        c:1:24: in.b: expected an integer, found 0.5
        c:1:39: list.0.x: expected an integer, found nothing
          hint: "x" is required: Third.
        c:1:43: list.1: expected an object, found 3
        c:1:55: list.2.y: expected a known key, found "y"
          hint: known keys: x
        c:1:65: z: expected a known key, found "z"
          hint: known keys: a, in, list
        """)
  }

  @Test func variantsChooseKeys() throws {
    let kinds = [
      ConfigVariant("circle", "Round.") { $0.number("radius", "Of it.") },
      ConfigVariant("square", "Not round.") { $0.number("side", default: 2, "Of it.") },
    ]
    let body: (ConfigSection) -> Double = {
      $0.variant("shape", default: "square", among: kinds, "Which.")
    }
    #expect(errors("{}", body) == #"resolved: {"shape":"square", "side":2}"#)
    #expect(
      errors(#"{"shape": "circle", "radius": 3}"#, body)
        == #"resolved: {"shape":"circle", "radius":3}"#)
    #expect(
      errors(#"{"shape": "circle", "side": 3}"#, body) == """
        c:1:1: radius: expected a number, found nothing
          hint: "radius" is required: Of it.
        c:1:21: side: expected a known key for shape "circle", found "side"
          hint: "side" belongs to shape "square"; known keys: shape, radius
        """)
    #expect(
      errors(#"{"shape": "star", "points": 5}"#, body) == """
        c:1:11: shape: expected "circle" or "square", found "star"
        c:1:19: points: expected a known key, found "points"
          hint: known keys: shape, radius, side
        """)
    #expect(
      errors(#"{"shape": NaN, "radius": 5}"#, body)
        == "c:1:11: shape: expected a finite number, found NaN")
  }

  @Test func schema() throws {
    let kinds = [
      ConfigVariant("circle", "Round.") { $0.number("radius", in: 0..<1, "Of it.") },
      ConfigVariant("square", "Not round.") {
        Double($0.int("side", default: 2, in: 1...9, "Of it."))
      },
    ]
    let schema = ConfigSection.schema(title: "Things") { section in
      section.ignored("$schema")
      _ = section.optionalString("name", "Its name.")
      _ = section.section("shape", "What it looks like.") {
        $0.variant(default: "square", among: kinds, "Which.")
      }
    }
    #expect(
      schema.compact == """
        {"$schema":"https://json-schema.org/draft/2020-12/schema", "title":"Things", "type":"object", \
        "additionalProperties":false, "properties":{"name":{"description":"Its name.", \
        "type":["string", "null"], "minLength":1, "default":null}, \
        "shape":{"description":"What it looks like.", "oneOf":[\
        {"description":"Round.", "type":"object", "additionalProperties":false, "properties":{\
        "type":{"description":"Which.", "const":"circle"}, \
        "radius":{"description":"Of it.", "type":"number", "minimum":0, "exclusiveMaximum":1}}, \
        "required":["type", "radius"]}, \
        {"description":"Not round.", "type":"object", "additionalProperties":false, "properties":{\
        "type":{"description":"Which.", "const":"square"}, \
        "side":{"description":"Of it.", "type":"integer", "minimum":1, "maximum":9, "default":2}}}]}, \
        "$schema":true}}
        """)
  }

  static let overrideCases: [(override: String, expected: String)] = [
    ("a=2", #"resolved: {"a":"2", "n":[1, 2], "o":null}"#),
    ("a=two words", #"resolved: {"a":"two words", "n":[1, 2], "o":null}"#),
    (#"a="2""#, #"resolved: {"a":"2", "n":[1, 2], "o":null}"#),
    ("a=x=y", #"resolved: {"a":"x=y", "n":[1, 2], "o":null}"#),
    ("n.1=7", #"resolved: {"a":"s", "n":[1, 7], "o":null}"#),
    ("n=[3, 4]", #"resolved: {"a":"s", "n":[3, 4], "o":null}"#),
    ("n.2=7", #"--set n.2: expected an index in 0...1 after "n", found "2""#),
    ("n.-1=7", #"--set n.-1: expected an index in 0...1 after "n", found "-1""#),
    ("o.x=7", #"resolved: {"a":"s", "n":[1, 2], "o":{"x":7}}"#),
    ("o.y=7", "--set o.y: o.x: expected an integer, found nothing"),
    ("=1", #"--set : expected keys joined by dots, found """#),
  ]

  @Test func overridesGoThroughTheSameChecks() {
    for (override, expected) in Self.overrideCases {
      let text = #"{"a": "s", "n": [1, 2], "o": null}"#
      let found = errors(text, set: [override]) { section in
        _ = section.value("a", .anyText, default: nil, "Text.")
        _ = section.ints("n", count: 2, "Two.")
        _ = section.optionalSection("o", "Object.") { $0.int("x", "Inside.") }
      }
      #expect(found.hasPrefix(expected), "\(override)")
    }
  }
}

extension ConfigType where T == String {
  /// Text, or a number as it prints.
  fileprivate static var anyText: ConfigType<String> {
    ConfigType(
      expected: "text", schema: [:], placeholder: "",
      decode: { value in
        switch value.kind {
        case .string(let text): text
        case .integer(let number): String(number)
        default: nil
        }
      }, encode: { .string($0) })
  }
}
