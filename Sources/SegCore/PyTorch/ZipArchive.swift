/// The table of contents of a zip file, and where the bytes of its stored entries lie.
///
/// Only what PyTorch writes is accepted: one disk, no encryption, sizes and offsets that fit the file;
/// ZIP64 where a number does not fit 32 bits. Source: PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.5.
package struct ZipArchive: Sendable {
  package struct Entry: Sendable {
    package var name: String
    /// 0: stored as it is.
    var method: UInt16
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

  /// PyTorch has one entry a storage; more would only fill memory.
  static let maximalCount = 200_000
  static let maximalName = 512
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
  }

  package subscript(name: String) -> Entry? { indices[name].map { entries[$0] } }

  /// The bytes of a stored entry in the file.
  ///
  /// - Throws: `.badData` for compressed entries and where the entry's own header disagrees.
  package func range(of entry: Entry) throws(Failure) -> Range<Int> {
    let place = "zip entry \(shown(entry.name))"
    guard entry.method == 0 else {
      throw Failure(
        .badData, file.path,
        "\(place): expected it to be stored, found compression method \(entry.method)",
        hint: "PyTorch stores without compression; load the file there and save it again")
    }
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
    guard entry.size <= reader.remaining else {
      throw reader.failure("expected \(entry.size) bytes, found \(reader.remaining)")
    }
    return reader.position..<reader.position + entry.size
  }

  private static func entry(_ reader: inout ByteReader) throws(Failure) -> Entry {
    let start = reader.position
    guard try reader.number() == 0x0201_4B50 as UInt32 else {
      throw reader.failure("expected the signature of an entry", at: start)
    }
    try reader.skip(4)
    let flags: UInt16 = try reader.number()
    let method: UInt16 = try reader.number()
    // Time, date and checksum; PyTorch itself can be told to leave the checksum out.
    try reader.skip(8)
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
      let offset = Int(exactly: offset), method != 0 || storedSize == size
    else {
      throw reader.failure(
        "\(shown(name)): sizes \(storedSize) and \(size) or offset \(offset) cannot be", at: start)
    }
    return Entry(
      name: name, method: method, storedSize: storedSize, size: size, headerOffset: offset)
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
