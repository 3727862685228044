import SegCore

/// Small good files that use what the readers know.
enum Seeds {
  private typealias P = PickleBytes

  static func all(_ subject: Subject) -> [(name: String, bytes: [UInt8])] {
    switch subject {
    case .torch: torch
    case .safetensors: safetensors
    case .config: []  // the script copies configs/*.json
    }
  }

  private static let values = bytes([1, 2, 3, 4, 5, 6])
  private static let storage = P.storage("Float", "0", count: 6)
  private static let object = P.dictionary([
    ("epoch", P.integer(3)),
    (
      "state_dict",
      P.orderedDictionary([
        ("module.a.weight", P.tensor(storage, [2, 3])),
        ("module.a.turned", P.tensor(storage, [3, 2], strides: [1, 3])),
        ("module.count", P.tensor(P.storage("Long", "1", count: 1), [])),
        ("module.half", P.tensor(P.storage("Half", "2", count: 2), offset: 1, [1])),
      ])
    ),
    ("args", P.global("argparse", "Namespace") + Array(")R".utf8) + P.dictionary([]) + [0x62]),
  ])
  private static let blocks: [(key: String, count: Int, data: [UInt8])] = [
    ("0", 6, values), ("1", 1, littleEndian(Int64(7))), ("2", 2, [0, 0x3C, 0, 0xC0]),
  ]

  private static let torch: [(name: String, bytes: [UInt8])] = {
    let zip = ZipBytes(pickle: P.document(object), storages: blocks.map { ($0.key, $0.data) })
    var large = zip
    large.isLarge = true
    for index in large.entries.indices { large.entries[index].isLarge = true }
    var packed = zip
    packed.entries = zip.entries.map(ZipBytes.deflated)
    return [
      ("zip", zip.bytes), ("zip64", large.bytes), ("deflated", packed.bytes),
      ("legacy", legacyBytes(object: object, storages: blocks)),
      (
        "tensor",
        ZipBytes(pickle: P.document(P.tensor(storage, [6])), storages: [("0", values)]).bytes
      ),
    ]
  }()

  private static let safetensors: [(name: String, bytes: [UInt8])] = {
    let json =
      #"{"__metadata__":{"format":"pt","n":"\u00e9"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"#
      + #""b":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"c":{"dtype":"BF16","shape":[0,3],"data_offsets":[16,16]}}"#
    let head = littleEndian(UInt64(json.utf8.count)) + Array(json.utf8)
    return [("mixed", head + [UInt8](repeating: 1, count: 16))]
  }()
}
