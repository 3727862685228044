/// Where the table of contents of a zip file lies, from the record at the file's end.
struct ZipDirectory {
  var range: Range<Int>
  var count: Int

  private static let endLength = 22
  private static let locatorLength = 20
  private static let end64Length = 56

  /// - Throws: `.badData` where there is no such record or it does not fit the file.
  init(_ file: InputFile) throws(Failure) {
    func bad(_ problem: String) -> Failure {
      Failure(.badData, file.path, "zip file: \(problem)", hint: ZipArchive.hint)
    }
    guard let endOffset = try Self.findEnd(file) else {
      throw bad("expected its table of contents at the end, found none: it is cut short")
    }
    var reader = ByteReader(file, endOffset..<file.byteCount, what: "zip end record")
    try reader.skip(4)
    let disks = [try reader.number(UInt16.self), try reader.number()]
    let counts = [UInt64(try reader.number(UInt16.self)), UInt64(try reader.number(UInt16.self))]
    var (count, isWhole) = (counts[1], counts[0] == counts[1] && disks == [0, 0])
    var size = UInt64(try reader.number(UInt32.self))
    var offset = UInt64(try reader.number(UInt32.self))
    var limit = endOffset

    if count == UInt16.max || size == UInt32.max || offset == UInt32.max,
      let end64 = try Self.findEnd64(file, before: endOffset)
    {
      var reader = ByteReader(file, end64..<endOffset, what: "zip64 end record")
      try reader.skip(16)
      let disks = [try reader.number(UInt32.self), try reader.number()]
      let here: UInt64 = try reader.number()
      count = try reader.number()
      isWhole = here == count && disks == [0, 0]
      size = try reader.number()
      offset = try reader.number()
      limit = end64
    }
    guard isWhole else { throw bad("expected one disk, found a part of several") }
    guard offset <= UInt64(limit), size <= UInt64(limit) - offset else {
      throw bad("its table of contents (\(size) bytes at \(offset)) does not fit the file")
    }
    // Every entry takes 46 bytes at least.
    guard count <= size / 46, count <= UInt64(ZipArchive.maximalCount) else {
      throw bad("\(count) entries are more than its table of contents holds or than are read here")
    }
    range = Int(offset)..<Int(offset + size)
    self.count = Int(count)
  }

  /// The end record is found backwards, since a comment of up to 65,535 bytes may follow.
  private static func findEnd(_ file: InputFile) throws(Failure) -> Int? {
    guard file.byteCount >= endLength else { return nil }
    let length = min(file.byteCount, endLength + Int(UInt16.max))
    let tail = try file.read(length, at: file.byteCount - length)
    for start in stride(from: length - endLength, through: 0, by: -1)
    where tail[start] == 0x50 && tail[start + 1] == 0x4B && tail[start + 2] == 5
      && tail[start + 3] == 6
    {
      let comment = Int(tail[start + 20]) | Int(tail[start + 21]) << 8
      if start + endLength + comment == length { return file.byteCount - length + start }
    }
    return nil
  }

  private static func findEnd64(
    _ file: InputFile, before end: Int
  ) throws(Failure) -> Int? {
    guard end >= locatorLength + end64Length else { return nil }
    var locator = ByteReader(file, end - locatorLength..<end, what: "zip64 locator")
    guard try locator.number() == 0x0706_4B50 as UInt32 else { return nil }
    try locator.skip(4)
    let offset: UInt64 = try locator.number()
    guard offset <= UInt64(end - locatorLength - end64Length) else {
      throw locator.failure("the zip64 end record at \(offset) does not fit the file")
    }
    var record = ByteReader(file, Int(offset)..<end, what: "zip64 end record")
    guard try record.number() == 0x0606_4B50 as UInt32 else {
      throw record.failure("expected its signature", at: Int(offset))
    }
    return Int(offset)
  }
}
