/// The table of contents of a zip file, and where the bytes of its entries lie.
///
/// Accepted is what PyTorch writes: one disk, no encryption, sizes and offsets that fit the file, ZIP64 where a number
/// does not fit 32 bits. Entries that another tool has compressed are unpacked on opening (`ZipUnpacker`).
/// Source: PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.5.
package struct ZipArchive: Sendable {
  package struct Entry: Sendable {
    package var name: String
    var method: UInt16
    /// CRC-32 of the bytes unpacked.
    var checksum: UInt32
    /// Bytes in the file, and bytes unpacked.
    var storedSize, size: Int
    /// Offset of the entry's own header.
    var headerOffset: Int
  }

  package let entries: [Entry]
  private let file: InputFile
  private let indices: [String: Int]
  /// Where the table of contents starts, and all data ends.
  private let directoryOffset: Int
  /// What was compressed, by name.
  private var unpacked: [String: FilePart] = [:]

  /// PyTorch has one entry a storage; more would only fill memory.
  static let maximalCount = 200_000
  static let maximalName = 512
  /// Methods of compression: none, and that of RFC 1951.
  private static let stored: UInt16 = 0
  private static let deflated: UInt16 = 8
  static let hint = TorchFile.damagedHint

  /// - Throws: `.badData` that names the file and the rule that is broken.
  package init(_ file: InputFile) throws(Failure) {
    let directory = try ZipDirectory(file)
    var reader = ByteReader(file, directory.range, what: "zip directory")
    var entries: [Entry] = []
    var indices: [String: Int] = [:]
    for _ in 0..<directory.count {
      let entry = try Self.entry(&reader)
      guard entry.headerOffset < directory.range.lowerBound,
        entry.storedSize <= directory.range.lowerBound - entry.headerOffset
      else {
        throw reader.failure(
          "\(shown(entry.name)): offset \(entry.headerOffset) and size \(entry.storedSize) do not "
            + "fit before the directory at \(directory.range.lowerBound)")
      }
      guard indices.updateValue(entries.count, forKey: entry.name) == nil else {
        throw reader.failure("two entries are called \(shown(entry.name))")
      }
      entries.append(entry)
    }
    guard reader.remaining == 0 else {
      throw reader.failure("expected the end of the directory, found \(reader.remaining) bytes")
    }
    self.entries = entries
    self.indices = indices
    self.file = file
    directoryOffset = directory.range.lowerBound
    let compressed = entries.filter { $0.method == Self.deflated }
    if !compressed.isEmpty { unpacked = try unpack(compressed) }
  }

  /// Bytes of the file and of what was unpacked from it.
  var byteCount: Int { unpacked.values.reduce(file.byteCount) { $0 + $1.range.count } }

  package subscript(name: String) -> Entry? { indices[name].map { entries[$0] } }

  /// Where the bytes of an entry lie, unpacked.
  ///
  /// - Throws: `.badData` for methods of compression that are not known and where the entry's own header disagrees.
  package func part(of entry: Entry) throws(Failure) -> FilePart {
    if let part = unpacked[entry.name] { return part }
    let place = "zip entry \(shown(entry.name))"
    guard entry.method == Self.stored else {
      throw Failure(
        .badData, file.path,
        "\(place): expected it to be stored or deflated, found compression method \(entry.method)",
        hint: "PyTorch stores without compression; load the file there and save it again")
    }
    return FilePart(file: file, range: try storedRange(of: entry, place))
  }

  private func unpack(_ entries: [Entry]) throws(Failure) -> [String: FilePart] {
    let limit = ZipUnpacker.freeGrowth + ZipUnpacker.maximalGrowth * file.byteCount
    var total = 0
    for entry in entries {
      // Added to what is at most the limit, so that it cannot overflow.
      guard entry.size <= limit - total else {
        throw Failure(
          .badData, file.path,
          "zip file: unpacked it would be more than \(ZipUnpacker.maximalGrowth) times as large as it is",
          hint: "if its tensors really hold little but zeros, load it in PyTorch and save it again")
      }
      total += entry.size
    }
    var unpacker = try ZipUnpacker(file.path, byteCount: total)
    var parts: [String: FilePart] = [:]
    for entry in entries {
      let place = "zip entry \(shown(entry.name))"
      let source = FilePart(file: file, range: try storedRange(of: entry, place))
      let range = try unpacker.unpack(
        source, size: entry.size, checksum: entry.checksum, place: place)
      parts[entry.name] = FilePart(file: unpacker.file, range: range)
    }
    return parts
  }

  /// The bytes in the file, as they are stored there.
  private func storedRange(of entry: Entry, _ place: String) throws(Failure) -> Range<Int> {
    var reader = ByteReader(file, entry.headerOffset..<directoryOffset, what: place)
    guard try reader.number() == 0x0403_4B50 as UInt32 else {
      throw reader.failure("expected the signature of an entry", at: entry.headerOffset)
    }
    try reader.skip(4)
    let method: UInt16 = try reader.number()
    try reader.skip(16)
    let (nameLength, extraLength) = (
      Int(try reader.number(UInt16.self)), try reader.number(UInt16.self)
    )
    guard method == entry.method, try reader.bytes(nameLength) == Array(entry.name.utf8) else {
      throw reader.failure("its own header and the directory disagree", at: entry.headerOffset)
    }
    try reader.skip(Int(extraLength))
    guard entry.storedSize <= reader.remaining else {
      throw reader.failure("expected \(entry.storedSize) bytes, found \(reader.remaining)")
    }
    return reader.position..<reader.position + entry.storedSize
  }

  private static func entry(_ reader: inout ByteReader) throws(Failure) -> Entry {
    let start = reader.position
    guard try reader.number() == 0x0201_4B50 as UInt32 else {
      throw reader.failure("expected the signature of an entry", at: start)
    }
    try reader.skip(4)
    let flags: UInt16 = try reader.number()
    let method: UInt16 = try reader.number()
    // Time and date.
    try reader.skip(4)
    // PyTorch can be told to leave the checksum out, so it is looked at where something was compressed.
    let checksum: UInt32 = try reader.number()
    var storedSize = UInt64(try reader.number(UInt32.self))
    var size = UInt64(try reader.number(UInt32.self))
    let nameLength = Int(try reader.number(UInt16.self))
    let extraLength = Int(try reader.number(UInt16.self))
    let commentLength = Int(try reader.number(UInt16.self))
    try reader.skip(8)
    var offset = UInt64(try reader.number(UInt32.self))
    guard nameLength <= maximalName else {
      throw reader.failure("expected a name of at most \(maximalName) bytes, found \(nameLength)")
    }
    let name = try reader.text(nameLength)
    var extra = ByteReader(
      reader.file, reader.position..<reader.position + min(extraLength, reader.remaining),
      what: "zip directory, entry \(shown(name))")
    try reader.skip(extraLength)
    try reader.skip(commentLength)
    while extra.remaining >= 4 {
      let (id, length) = (try extra.number(UInt16.self), Int(try extra.number(UInt16.self)))
      guard id == 1 else {
        try extra.skip(length)
        continue
      }
      // ZIP64: the numbers that do not fit above, in this order.
      if size == UInt32.max { size = try extra.number() }
      if storedSize == UInt32.max { storedSize = try extra.number() }
      if offset == UInt32.max { offset = try extra.number() }
      break
    }
    try check(name: name, flags: flags, reader)
    guard let storedSize = Int(exactly: storedSize), let size = Int(exactly: size),
      let offset = Int(exactly: offset), method != stored || storedSize == size
    else {
      throw reader.failure(
        "\(shown(name)): sizes \(storedSize) and \(size) or offset \(offset) cannot be", at: start)
    }
    return Entry(
      name: name, method: method, checksum: checksum, storedSize: storedSize, size: size,
      headerOffset: offset)
  }

  private static func check(
    name: String, flags: UInt16, _ reader: ByteReader
  ) throws(Failure) {
    guard flags & 1 == 0 else { throw reader.failure("\(shown(name)) is encrypted") }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.isEmpty, !name.hasPrefix("/"), !name.contains("\0"), !name.contains("\\"),
      !parts.contains("..")
    else { throw reader.failure("expected a relative name, found \(shown(name))") }
  }
}
