import SegCore
import SegTestSupport
import Testing

/// One case for each rule of the format: a header, the number of data bytes, and the error it gives.
private struct Refusal: Sendable, CustomTestStringConvertible {
  var json: String
  var data = 0
  var problem: String
  var testDescription: String { json }
}

@Suite struct SafetensorsHeaderTests {
  private static let accepted: [(String, Int)] = [
    ("{}", 0), ("\t\n{}\r ", 0), ("{ } ", 0),
    (#"{"__metadata__":{}}"#, 0),
    (#"{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#, 4),
    (#"{"a":{"dtype":"I32","shape":[2,0],"data_offsets":[0, 0]}}"#, 0),
    (
      #"{"a":{"data_offsets":[0,2],"future":[{"x":null},true,false,-1.5e+3,"s"],"shape":[1],"dtype":"F16"}}"#,
      2
    ),
    (#"{"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]}}"#, 2),
    (
      #"{"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#,
      2
    ),
  ]

  @Test(arguments: accepted) func accepts(json: String, data: Int) throws {
    _ = try SafetensorsHeader(json: Array(json.utf8), dataByteCount: data, path: "f")
  }

  private static let refused: [Refusal] = [
    // JSON
    .init(json: "", problem: #"byte 8: expected "{", found the end of the header"#),
    .init(json: "[]", problem: #"byte 8: expected "{""#),
    .init(json: "{", problem: #"byte 9: expected "\"", found the end of the header"#),
    .init(json: "{} x", problem: #"byte 11: expected nothing after the last "}""#),
    .init(json: #"{"a":{},}"#, problem: #"tensor "a": expected a field "dtype""#),
    .init(json: #"{"__metadata__":{},}"#, problem: #"byte 27: expected "\"""#),
    .init(json: #"{'a':1}"#, problem: #"byte 9: expected "\"""#),
    .init(json: #"{"a" 1}"#, problem: #"byte 13: expected ":""#),
    .init(json: #"{"a":1}"#, problem: #"byte 13: expected "{""#),
    .init(json: "{\"a\nb\":1}", problem: "byte 11: control character in a string"),
    .init(json: #"{"\x":1}"#, problem: "byte 11: unknown escape in a string"),
    .init(json: #"{"\ud800":1}"#, problem: "half a surrogate pair"),
    .init(json: #"{"\ud800\u0041":1}"#, problem: "half a surrogate pair"),
    .init(json: #"{"\u12"#, problem: "expected four hexadecimal digits, found the end"),
    .init(json: #"{"ab"#, problem: "expected the end of a string, found"),
    .init(
      json: #"{"a":{"x":"# + String(repeating: "[", count: 100_000),
      problem: "nested more than 16 levels deep"),
    .init(json: #"{"a":{"x":nul}}"#, problem: "expected null"),
    .init(json: #"{"a":{"x":01}}"#, problem: #"byte 19: expected "}""#),
    .init(json: #"{"a":{"x":1.}}"#, problem: "expected a number"),
    // Keys and fields
    .init(
      json:
        #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#,
      data: 2, problem: #"byte 61: the key "a" appears twice"#),
    .init(
      json: #"{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: 1,
      problem: #"the key "dtype" appears twice"#),
    .init(
      json: #"{"__metadata__":{"k":"1","\u006b":"2"}}"#, problem: #"the key "k" appears twice"#),
    .init(json: #"{"__metadata__":{"k":1}}"#, problem: #"__metadata__ "k": expected a string"#),
    .init(json: #"{"__metadata__":["k"]}"#, problem: #"byte 24: expected "{""#),
    .init(
      json: #"{"a":{"shape":[1],"data_offsets":[0,1]}}"#, data: 1,
      problem: #"tensor "a": expected a field "dtype""#),
    .init(
      json: #"{"a":{"dtype":"U8","data_offsets":[0,1]}}"#, data: 1,
      problem: #"tensor "a": expected a field "shape""#),
    .init(
      json: #"{"a":{"dtype":"U8","shape":[1]}}"#, data: 1,
      problem: #"tensor "a": expected a field "data_offsets""#),
    .init(
      json: #"{"a":{"dtype":"Q77","shape":[1],"data_offsets":[0,1]}}"#, data: 1,
      problem: #"C64 F8_E4M3 F8_E5M2 F8_E8M0 F6_E2M3 F6_E3M2 F4, found "Q77""#),
    .init(
      json: #"{"a":{"dtype":"U8","shape":{},"data_offsets":[0,1]}}"#, data: 1,
      problem: #"tensor "a": shape: expected a list of whole numbers"#),
    .init(
      json: #"{"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,1]}}"#, data: 1,
      problem: "shape: expected whole numbers from 0 to 9223372036854775807, found -2"),
    .init(
      json: #"{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}"#, data: 1,
      problem: "found 1.0"),
    .init(
      json: #"{"a":{"dtype":"U8","shape":[-0],"data_offsets":[0,0]}}"#, problem: "found -0"),
    .init(
      json:
        #"{"a":{"dtype":"U8","shape":[\#(String(repeating: "1,", count: 64))1],"data_offsets":[0,1]}}"#,
      data: 1, problem: "shape: expected at most 64 numbers"),
    .init(
      json: #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}"#, data: 1,
      problem: "expected data_offsets [begin, end], found 1 numbers"),
    .init(
      json: #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}"#, data: 1,
      problem: "data_offsets: expected at most 2 numbers"),
    // Offsets and sizes
    .init(
      json: #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}"#, data: 1,
      problem: "expected begin <= end, found data_offsets [1, 0]"),
    .init(
      json: #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, data: 2,
      problem: "data_offsets [1, 2] leave a gap of 1 bytes: the data before it ends at 0"),
    .init(
      json:
        #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
      data: 3, problem: #"tensor "b": data_offsets [1, 3] overlap: the data before it ends at 2"#),
    .init(
      json:
        #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#,
      data: 2, problem: #"tensor "b": data_offsets [0, 2] overlap: the data before it ends at 2"#),
    .init(
      json: #"{"a":{"dtype":"I32","shape":[2,2],"data_offsets":[0,4]}}"#, data: 4,
      problem: "I32[2, 2] needs 16 bytes, data_offsets [0, 4] hold 4"),
    .init(
      json: #"{"a":{"dtype":"I32","shape":[2,18446744073709551614],"data_offsets":[0,16]}}"#,
      data: 16, problem: "found 18446744073709551614"),
    .init(
      json: #"{"a":{"dtype":"I32","shape":[2,9223372036854775807],"data_offsets":[0,16]}}"#,
      data: 16, problem: "the size of I32[2, 9223372036854775807] is not a number of bytes"),
    .init(
      json: #"{"a":{"dtype":"I32","shape":[0,9223372036854775807,2],"data_offsets":[0,0]}}"#,
      problem: "is not a number of bytes"),
    .init(
      json: #"{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}"#, data: 2,
      problem: "the size of F4[3] is not a number of bytes"),
    .init(
      json: #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, data: 1,
      problem: "the tensors need 2 bytes of data, the file holds 1: it is cut short"),
    .init(
      json: #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, data: 3,
      problem: "the file holds 3: it has bytes that belong to no tensor"),
  ]

  @Test(arguments: refused) private func refuses(_ refusal: Refusal) {
    let error = failure { () throws(Failure) in
      _ = try SafetensorsHeader(
        json: Array(refusal.json.utf8), dataByteCount: refusal.data, path: "f.safetensors")
    }
    #expect(error.status == .badData)
    #expect(error.place == "f.safetensors")
    #expect(error.problem.contains(refusal.problem), "\(error.problem)")
    #expect(error.hint?.isEmpty == false)
  }

  @Test func notText() {
    let error = failure { () throws(Failure) in
      _ = try SafetensorsHeader(json: [0x7B, 0xFF, 0x7D], dataByteCount: 0, path: "f")
    }
    #expect(error.problem == "safetensors header: expected UTF-8 text, found other bytes")
  }

  @Test func escapesInNames() throws {
    let json =
      #"{"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#
    let header = try SafetensorsHeader(json: Array(json.utf8), dataByteCount: 0, path: "f")
    #expect(header.entries.map(\.name) == ["\"\\/\u{8}\u{C}\n\r\té😀"])
  }

  @Test func longNamesAreCutInErrors() {
    let name = String(repeating: "n", count: 100_000)
    let error = failure { () throws(Failure) in
      _ = try SafetensorsHeader(
        json: Array("{\"\(name)\":{}}".utf8), dataByteCount: 0, path: "f")
    }
    #expect(error.problem.count < 200)
  }

  /// Random damage to a good header is refused or accepted, and never ends the process.
  @Test func damage() {
    let good = Array(
      #"{"__metadata__":{"format":"pt","n":"\u00e9"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}"#
        .utf8)
    let alphabet = Array(#"{}[]",:\0123456789-.eEtrufalsn u"#.utf8) + [0x00, 0x0A, 0xFF, 0xC3]
    var accepted = 0
    for trial in 0..<50_000 {
      var random = CounterRNG(seed: 7, stream: CounterRNG.stream("damage"), step: UInt64(trial))
      var bytes = good
      for _ in 0..<random.integer(in: 1..<4) {
        let at = random.integer(in: 0..<bytes.count)
        switch random.integer(in: 0..<4) {
        case 0: bytes.remove(at: at)
        case 1: bytes.insert(alphabet[random.integer(in: 0..<alphabet.count)], at: at)
        case 2: bytes[at] = alphabet[random.integer(in: 0..<alphabet.count)]
        default: bytes.replaceSubrange(at..., with: good[random.integer(in: 0..<good.count)...])
        }
      }
      do throws(Failure) {
        let header = try SafetensorsHeader(json: bytes, dataByteCount: 16, path: "f")
        accepted += 1
        #expect(header.entries.last?.range.upperBound == 16)
      } catch {
        #expect(error.status == .badData)
      }
    }
    #expect(accepted > 500 && accepted < 25_000, "\(accepted)")
  }
}
