import SegCore
import SegTestSupport
import Testing

/// Files of `torch.save` that are damaged, hostile or something else.
@Suite struct TorchRefusalTests {
  typealias P = PickleBytes

  static let data = [("0", bytes(TorchFileTests.floats))]

  static func file(_ value: [UInt8]) -> [UInt8] {
    ZipBytes(pickle: P.document(value), storages: data).bytes
  }

  private static func view(
    _ shape: [Int], strides: [Int]? = nil, offset: Int = 0, count: Int = 6
  ) -> [UInt8] {
    file(
      P.dictionary([
        (
          "w",
          P.tensor(P.storage("Float", "0", count: count), offset: offset, shape, strides: strides)
        )
      ]))
  }

  struct Refusal: CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var problem: String

    init(_ name: String, _ bytes: [UInt8], _ problem: String) {
      testDescription = name
      self.bytes = bytes
      self.problem = problem
    }
  }

  static let views: [Refusal] = [
    .init("too long", view([7]), "expected at most the 6 elements of its storage, found 7"),
    .init("strides too wide", view([2, 3], strides: [4, 1]), "of its storage, found 7"),
    .init("offset too far", view([1], offset: 6), "of its storage, found 7"),
    .init("negative extent", view([-1], strides: [1]), "expected numbers from 0 on"),
    .init("negative stride", view([2], strides: [-1]), "expected numbers from 0 on"),
    .init("negative offset", view([1], offset: -1), "a tensor's offset is -1"),
    .init("strides missing", view([2, 3], strides: [1]), "one stride for each extent"),
    .init(
      "one element, many times", view([1 << 40], strides: [0]), "it shows elements more than once"),
    .init(
      "a size beyond memory", view([1 << 62, 1 << 62], strides: [0, 0]), "is not a number of bytes"),
    .init("a reach beyond memory", view([2, 2], strides: [.max, .max]), "is beyond any file"),
    .init(
      "too many axes", view([Int](repeating: 1, count: 17)), "as numbers, at most 16 axes"),
    .init("more than its block", view([7], count: 7), #"storage "0": expected 28 bytes, found 24"#),
    .init(
      "no such block",
      file(P.dictionary([("w", P.tensor(P.storage("Float", "5", count: 1), [1]))])),
      #"storage "5": expected an entry for it, found none"#),
    .init(
      "a storage of impossible size",
      file(P.dictionary([("w", P.tensor(P.storage("Float", "0", count: -1), [1]))])),
      "a storage of -1 elements cannot be"),
    .init(
      "many views of one block",
      ZipBytes(
        pickle: P.document(
          P.dictionary(
            (0..<200).map { ("\($0)", P.tensor(P.storage("Byte", "0", count: 1 << 20), [1 << 20])) }
          )),
        storages: [("0", [UInt8](repeating: 0, count: 1 << 20))]
      ).bytes, "more than 16 times the file's size"),
  ]

  static let pickles: [Refusal] = [
    .init(
      "no tensors", file(P.dictionary([("epoch", P.integer(3))])), "expected tensors, found none"),
    .init(
      "an object without tensors", file(P.global("argparse", "Namespace") + Array(")R".utf8)),
      "found none, only objects of argparse.Namespace"),
    .init(
      "an instruction that is not on the list", file([UInt8(ascii: "i")]),
      "the instruction 0x69 is not"),
    .init("protocol 9", file([0x80, 9]), "expected pickle protocol 2 to 5, found 9"),
    .init("underflow", file([]), "it takes a value where there is none"),
    .init("a group without start", file([UInt8(ascii: "t")]), "it ends a group that has no start"),
    .init(
      "a value inside a group", file([UInt8(ascii: "N"), UInt8(ascii: "("), UInt8(ascii: "a")]),
      "it takes a value where there is none"),
    .init("nothing remembered", file(Array("h\u{7}".utf8)), "value 7 was never remembered"),
    .init("text without end", file([UInt8(ascii: "X"), 255, 255, 255, 255]), "more bytes, found"),
    .init(
      "no end", ZipBytes(pickle: [0x80, 2, UInt8(ascii: "N")]).bytes, "found 0: it is cut short"),
    .init("a key without value", file(Array("}(Nu".utf8)), "expected a value for every key"),
    .init(
      "items of a list", file(Array("](NNu".utf8)), "sets items of something that is no dictionary"),
    .init("a call of a number", file(Array("K\u{1})R".utf8)), "neither function nor class"),
    .init(
      "a name that is too long", file(P.global(String(repeating: "m", count: 600), "n")),
      "at most 512 bytes"),
    .init(
      "one name for two",
      file(
        P.dictionary([
          ("a.b", P.tensor(P.storage("Float", "0", count: 6), [6])),
          ("a", P.dictionary([("b", P.tensor(P.storage("Float", "0", count: 6), [6]))])),
        ])), #"two tensors are called "a.b""#),
    .init(
      "values without end", file([UInt8](repeating: 0x29, count: 500_001)),
      "expected at most 500000 values"),
    .init(
      "instructions without end",
      file(
        [UInt8](repeating: UInt8(ascii: "N"), count: 1) + [UInt8](repeating: 0x94, count: 250_001)),
      "expected at most 250000 remembered values"),
    .init(
      "a list within itself", file([UInt8(ascii: "]"), 0x94, 0x68, 0, UInt8(ascii: "a")]),
      "nested too deeply or too often"),
    .init(
      "lists that double", file(doubling), "nested too deeply or too often"),
  ]

  /// Thirty lists, each of which holds the one before it twice.
  private static let doubling: [UInt8] =
    [UInt8(ascii: "]"), 0x94]
    + (0..<30).flatMap { index -> [UInt8] in
      [UInt8(ascii: "("), 0x68, UInt8(index), 0x68, UInt8(index), UInt8(ascii: "l"), 0x94]
    }

  static let others: [Refusal] = [
    .init(
      "something else", Array("<html>not found</html>".utf8),
      "expected a zip file or a pickle of torch.save"),
    .init("nothing", [], "expected a zip file or a pickle of torch.save"),
    .init(
      "another zip", ZipBytes([.init(name: "a.txt", data: [1])]).bytes,
      #"expected one entry "data.pkl", found 0"#),
    .init(
      "two pickles",
      ZipBytes([.init(name: "a/data.pkl", data: [1]), .init(name: "b/data.pkl", data: [1])]).bytes,
      #"expected one entry "data.pkl", found 2"#),
    .init(
      "big-endian",
      ZipBytes([
        .init(name: "a/data.pkl", data: [1]), .init(name: "a/byteorder", data: Array("big".utf8)),
      ]).bytes,
      #"expected little-endian numbers, found "big""#),
    .init(
      "big-endian, legacy",
      legacyBytes(object: [UInt8(ascii: "N")], storages: [], isLittleEndian: false),
      #"expected little-endian numbers, found "big""#),
    .init(
      "another pickle", P.document(P.dictionary([("a", P.integer(1))])),
      "expected PyTorch's magic number in front"),
    .init(
      "a storage that is not listed", legacyBytes(object: TorchFileTests.object, storages: []),
      "is not in the list of storages"),
    .init(
      "a storage of another size",
      legacyBytes(
        object: P.tensor(P.storage("Float", "0", count: 2), [2]),
        storages: [("0", 3, bytes([1, 2, 3]))]),
      #"storage "0": expected 2 elements, found 3"#),
    .init(
      "a storage nobody described",
      legacyBytes(
        object: P.tensor(P.storage("Float", "0", count: 1), [1]),
        storages: [("0", 1, bytes([1])), ("1", 1, bytes([1]))]),
      #"storage "1" is not known or listed twice"#),
    .init(
      "a storage described in two ways",
      legacyBytes(
        object: P.dictionary([
          ("a", P.tensor(P.storage("Float", "0", count: 1), [1])),
          ("b", P.tensor(P.storage("Int", "0", count: 1), [1])),
        ]), storages: [("0", 1, bytes([1]))]),
      #"storage "0" is described in two ways"#),
  ]

  @Test(arguments: views + pickles + others) func refuses(_ refusal: Refusal) throws {
    let error = try TorchFileTests.refusal(refusal.bytes)
    #expect(error.problem.contains(refusal.problem), "\(error.problem)")
    #expect(error.hint?.isEmpty == false)
  }
}
