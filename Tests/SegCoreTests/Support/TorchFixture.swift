import Glibc
import SegCore

/// Pickles written instruction by instruction, as PyTorch writes them.
enum PickleBytes {
  static func text(_ text: String) -> [UInt8] {
    [UInt8(ascii: "X")] + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8)
  }

  static func integer(_ value: Int) -> [UInt8] {
    value == Int(Int32(truncatingIfNeeded: value))
      ? [UInt8(ascii: "J")] + littleEndian(Int32(value))
      : [0x8A, 8] + littleEndian(Int64(value))
  }

  static func global(_ module: String, _ name: String) -> [UInt8] {
    [UInt8(ascii: "c")] + Array("\(module)\n\(name)\n".utf8)
  }

  static func tuple(_ items: [[UInt8]]) -> [UInt8] {
    [UInt8(ascii: "(")] + items.flatMap { $0 } + [UInt8(ascii: "t")]
  }

  static func storage(_ kind: String, _ key: String, count: Int, view: [UInt8]? = nil) -> [UInt8] {
    tuple(
      [
        text("storage"), global("torch", "\(kind)Storage"), text(key), text("cpu"), integer(count),
      ] + (view.map { [$0] } ?? [])) + [UInt8(ascii: "Q")]
  }

  static let emptyDictionary = [UInt8(ascii: "}")]

  static func dictionary(_ items: [(String, [UInt8])]) -> [UInt8] {
    emptyDictionary + [UInt8(ascii: "(")] + items.flatMap { text($0.0) + $0.1 }
      + [UInt8(ascii: "u")]
  }

  static func orderedDictionary(_ items: [(String, [UInt8])]) -> [UInt8] {
    global("collections", "OrderedDict") + Array(")R(".utf8)
      + items.flatMap { text($0.0) + $0.1 } + [UInt8(ascii: "u")]
  }

  static func tensor(
    _ storage: [UInt8], offset: Int = 0, _ shape: [Int], strides: [Int]? = nil
  ) -> [UInt8] {
    let standard = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
    return global("torch._utils", "_rebuild_tensor_v2")
      + tuple([
        storage, integer(offset), tuple(shape.map(integer)),
        tuple((strides ?? standard).map(integer)),
        [0x89], orderedDictionary([]),
      ]) + [UInt8(ascii: "R")]
  }

  /// A whole pickle of protocol 2.
  static func document(_ value: [UInt8]) -> [UInt8] { [0x80, 2] + value + [UInt8(ascii: ".")] }
}

/// Writes a file without waiting for the disk, which thousands of small ones would.
func writeQuickly(_ bytes: [UInt8], to path: String) {
  guard let file = fopen(path, "wb") else { return }
  fwrite(bytes, 1, bytes.count, file)
  fclose(file)
}

func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

func bytes(_ values: [Float]) -> [UInt8] { values.flatMap { littleEndian($0.bitPattern) } }

/// Zip files with stored entries; every number can be spoilt.
struct ZipBytes {
  struct Entry {
    var name: String
    var data: [UInt8]
    var method: UInt16 = 0
    var flags: UInt16 = 0x808
    /// Of what `data` unpacks to.
    var checksum: UInt32 = 0
    var unpackedSize: Int?
    /// What the directory says instead of the truth.
    var claimedSize: Int?
    var claimedOffset: Int?
    /// The directory has 0xFFFFFFFF and the numbers in a ZIP64 field.
    var isLarge = false
  }

  /// `entry` as other tools write it: as a deflate stream that copies its bytes.
  static func deflated(_ entry: Entry) -> Entry {
    var packed = entry
    packed.data = []
    for start in stride(from: 0, through: entry.data.count, by: 40_000) {
      let piece = entry.data[start..<min(start + 40_000, entry.data.count)]
      let isLast: UInt8 = start + 40_000 > entry.data.count ? 1 : 0
      let count = UInt16(piece.count)
      packed.data += [isLast] + littleEndian(count) + littleEndian(~count) + piece
    }
    packed.method = 8
    packed.unpackedSize = entry.data.count
    packed.checksum = crc32(entry.data)
    return packed
  }

  /// CRC-32 as zip files have it.
  private static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
  }

  var entries: [Entry]
  var comment: [UInt8] = []
  var isLarge = false

  init(_ entries: [Entry]) { self.entries = entries }

  /// The entries of a `torch.save` file.
  init(pickle: [UInt8], storages: [(String, [UInt8])] = [], folder: String = "archive") {
    entries =
      [
        Entry(name: "\(folder)/data.pkl", data: pickle),
        Entry(name: "\(folder)/byteorder", data: Array("little".utf8)),
      ]
      + storages.map { Entry(name: "\(folder)/data/\($0.0)", data: $0.1) }
      + [Entry(name: "\(folder)/version", data: Array("3\n".utf8))]
  }

  var bytes: [UInt8] {
    var out: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let name = Array(entry.name.utf8)
      let offset = entry.claimedOffset ?? out.count
      let stored = entry.claimedSize ?? entry.data.count
      let size = entry.unpackedSize ?? stored
      let padding = [UInt8](repeating: 0x5A, count: 7)
      out += littleEndian(0x0403_4B50 as UInt32) + littleEndian(20 as UInt16)
      out += littleEndian(entry.flags) + littleEndian(entry.method)
      out += [UInt8](repeating: 0, count: 16)
      out += littleEndian(UInt16(name.count)) + littleEndian(UInt16(padding.count)) + name + padding
      out += entry.data
      let extra =
        entry.isLarge
        ? littleEndian(1 as UInt16) + littleEndian(24 as UInt16) + littleEndian(Int64(size))
          + littleEndian(Int64(stored)) + littleEndian(Int64(offset)) : []
      let (stored32, size32, offset32) =
        entry.isLarge
        ? (UInt32.max, UInt32.max, UInt32.max) : (UInt32(stored), UInt32(size), UInt32(offset))
      directory += littleEndian(0x0201_4B50 as UInt32) + [0, 0, 0, 0]
      directory += littleEndian(entry.flags) + littleEndian(entry.method)
      directory += [UInt8](repeating: 0, count: 4) + littleEndian(entry.checksum)
      directory += littleEndian(stored32) + littleEndian(size32)
      directory += littleEndian(UInt16(name.count)) + littleEndian(UInt16(extra.count))
      directory += [UInt8](repeating: 0, count: 10) + littleEndian(offset32) + name + extra
    }
    let start = out.count
    out += directory
    if isLarge {
      let end = out.count
      out += littleEndian(0x0606_4B50 as UInt32) + littleEndian(44 as UInt64) + [0, 0, 0, 0]
      out += [UInt8](repeating: 0, count: 8) + littleEndian(UInt64(entries.count))
      out += littleEndian(UInt64(entries.count)) + littleEndian(UInt64(directory.count))
      out += littleEndian(UInt64(start))
      out += littleEndian(0x0706_4B50 as UInt32) + [0, 0, 0, 0] + littleEndian(UInt64(end))
      out += littleEndian(1 as UInt32)
    }
    let count = isLarge ? UInt16.max : UInt16(entries.count)
    out += littleEndian(0x0605_4B50 as UInt32) + [0, 0, 0, 0] + littleEndian(count)
    out += littleEndian(count)
    out += littleEndian(isLarge ? UInt32.max : UInt32(directory.count))
    out += littleEndian(isLarge ? UInt32.max : UInt32(start))
    return out + littleEndian(UInt16(comment.count)) + comment
  }
}

/// The legacy container.
func legacyBytes(
  object: [UInt8], storages: [(key: String, count: Int, data: [UInt8])], isLittleEndian: Bool = true
) -> [UInt8] {
  let magic: [UInt8] = [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
  let keys =
    [UInt8(ascii: "]")] + storages.flatMap { PickleBytes.text($0.key) + [UInt8(ascii: "a")] }
  return PickleBytes.document(magic) + PickleBytes.document(PickleBytes.integer(1001))
    + PickleBytes.document(
      PickleBytes.dictionary([("little_endian", [isLittleEndian ? 0x88 : 0x89])]))
    + PickleBytes.document(object) + PickleBytes.document(keys)
    + storages.flatMap { littleEndian(Int64($0.count)) + $0.data }
}
