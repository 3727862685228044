/// The object of a `torch.save` file and how to find the blocks its tensors view.
struct TorchContents {
  let heap: PickleHeap
  let root: PickleValue
  /// Bytes of the file, with what was unpacked from it.
  let byteCount: Int
  private let placement: Placement

  private enum Placement {
    /// Blocks are entries `<folder>/data/<key>`.
    case zip(ZipArchive, folder: String)
    /// Blocks follow the pickles, each after its number of elements, in the order of these keys.
    case legacy(keys: [String], start: Int)
  }

  // MARK: Zip

  init(zip file: InputFile) throws(Failure) {
    let archive = try ZipArchive(file)
    let pickles = archive.entries.filter { $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl") }
    guard pickles.count == 1, let pickle = pickles.first else {
      throw Failure(
        .badData, file.path,
        "zip file: expected one entry \"data.pkl\", found \(pickles.count)",
        hint: "only files of torch.save are read; unpack other archives first")
    }
    let folder = String(pickle.name.dropLast("data.pkl".count))
    if let order = archive[folder + "byteorder"] {
      let part = try archive.part(of: order)
      let text = String(
        decoding: try part.file.read(min(part.range.count, 16), at: part.range.lowerBound),
        as: UTF8.self)
      guard text == "little" else { throw Self.bigEndian(file.path, text) }
    }
    let part = try archive.part(of: pickle)
    var machine = PickleMachine(ByteReader(part.file, part.range, what: "data.pkl"))
    root = try machine.run()
    heap = machine.heap
    byteCount = archive.byteCount
    placement = .zip(archive, folder: folder)
  }

  private static func bigEndian(_ path: String, _ found: String) -> Failure {
    Failure(
      .badData, path, "expected little-endian numbers, found \(shown(found))",
      hint: "save the file again on a little-endian machine")
  }

  // MARK: Legacy

  /// The number every legacy file begins with, 0x1950a86a20f9469cfc6c.
  private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
  private static let version = 1001

  init(legacy file: InputFile) throws(Failure) {
    var position = 0
    func next(_ what: String) throws(Failure) -> (PickleHeap, PickleValue) {
      var machine = PickleMachine(ByteReader(file, position..<file.byteCount, what: what))
      let value = try machine.run()
      position = machine.position
      return (machine.heap, value)
    }
    func bad(_ problem: String) -> Failure {
      Failure(.badData, file.path, problem, hint: TorchFile.damagedHint)
    }
    guard case .long(Self.magic) = try next("magic number").1 else {
      throw bad("expected PyTorch's magic number in front, found another pickle")
    }
    guard case .integer(Self.version) = try next("version").1 else {
      throw bad("expected version \(Self.version) of PyTorch's legacy format")
    }
    let (systemHeap, system) = try next("system")
    if case .dictionary(let index) = system {
      for case (.text("little_endian"), .bool(false)) in systemHeap.dictionaries[index] {
        throw Self.bigEndian(file.path, "big")
      }
    }
    (heap, root) = try next("object")
    let (keyHeap, list) = try next("list of storages")
    guard let items = keyHeap.items(list) else { throw bad("expected a list of storages") }
    var keys: [String] = []
    for item in items {
      guard case .text(let key) = item else { throw bad("expected the names of storages as text") }
      keys.append(key)
    }
    placement = .legacy(keys: keys, start: position)
    byteCount = file.byteCount
  }

  // MARK: Blocks

  /// Where the blocks of `storages` lie, each checked against the file.
  func blocks(
    of storages: [TorchStorage], _ file: InputFile
  ) throws(Failure) -> [String: FilePart] {
    switch placement {
    case .zip(let archive, let folder): try Self.blocks(storages, archive, folder, file.path)
    case .legacy(let keys, let start): try legacyBlocks(keys, start, file)
    }
  }

  private static func blocks(
    _ storages: [TorchStorage], _ archive: ZipArchive, _ folder: String, _ path: String
  ) throws(Failure) -> [String: FilePart] {
    var blocks: [String: FilePart] = [:]
    for storage in storages {
      let place = "storage \(shown(storage.key))"
      let size = storage.count * storage.dtype.bits / 8
      let part: FilePart
      if let known = blocks[storage.key] {
        part = known
      } else if let entry = archive["\(folder)data/\(storage.key)"] {
        part = try archive.part(of: entry)
      } else {
        guard size > 0 else { continue }
        throw Failure(
          .badData, path, "\(place): expected an entry for it, found none",
          hint: TorchFile.damagedHint)
      }
      guard size <= part.range.count else {
        throw Failure(
          .badData, path, "\(place): expected \(size) bytes, found \(part.range.count)",
          hint: TorchFile.damagedHint)
      }
      blocks[storage.key] = part
    }
    return blocks
  }

  /// Every storage the pickle names, also those no tensor was found for: their sizes say where the next is.
  private func legacyBlocks(
    _ keys: [String], _ start: Int, _ file: InputFile
  ) throws(Failure) -> [String: FilePart] {
    var known: [String: TorchStorage] = [:]
    for storage in heap.storages {
      if let other = known[storage.key] {
        guard (other.dtype, other.count) == (storage.dtype, storage.count) else {
          throw Failure(
            .badData, file.path, "storage \(shown(storage.key)) is described in two ways",
            hint: TorchFile.damagedHint)
        }
      } else {
        known[storage.key] = storage
      }
    }
    var blocks: [String: FilePart] = [:]
    var reader = ByteReader(file, start..<file.byteCount, what: "storages")
    for key in keys {
      guard let storage = known[key], blocks[key] == nil else {
        throw reader.failure("storage \(shown(key)) is not known or listed twice")
      }
      let count: UInt64 = try reader.number()
      guard count == UInt64(storage.count) else {
        throw reader.failure(
          "storage \(shown(key)): expected \(storage.count) elements, found \(count)")
      }
      let size = storage.count * storage.dtype.bits / 8
      let first = reader.position
      try reader.skip(size)
      blocks[key] = FilePart(file: file, range: first..<first + size)
    }
    for storage in heap.storages where blocks[storage.key] == nil {
      throw reader.failure("storage \(shown(storage.key)) is not in the list of storages")
    }
    return blocks
  }
}
