/// The bytes of a part of a file one after the other, read in blocks; little-endian numbers.
struct ByteReader {
  let file: InputFile
  /// Offset behind the last byte that may be read.
  let end: Int
  /// What is being read, for error texts.
  let what: String
  /// Offset of the next byte in the file.
  private(set) var position: Int
  private var block: [UInt8] = []
  private var blockStart: Int

  static let blockSize = 1 << 16

  /// - Parameter range: must lie within the file.
  init(_ file: InputFile, _ range: Range<Int>, what: String) {
    self.file = file
    self.what = what
    position = range.lowerBound
    blockStart = position
    end = range.upperBound
  }

  var remaining: Int { end - position }

  mutating func byte() throws(Failure) -> UInt8 {
    if position - blockStart >= block.count { try fill() }
    defer { position += 1 }
    return block[position - blockStart]
  }

  /// `count` bytes; nothing is reserved before it is known that the file has them.
  mutating func bytes(_ count: Int) throws(Failure) -> [UInt8] {
    try require(count)
    let start = position - blockStart
    defer { position += count }
    if start + count <= block.count { return Array(block[start..<start + count]) }
    return try file.read(count, at: position)
  }

  /// `count` bytes of UTF-8 text.
  mutating func text(_ count: Int) throws(Failure) -> String {
    let start = position
    guard let text = String(validating: try bytes(count), as: UTF8.self) else {
      throw failure("expected UTF-8 text, found other bytes", at: start)
    }
    return text
  }

  /// Text up to the next line feed, without it; at most `limit` bytes.
  mutating func line(limit: Int) throws(Failure) -> String {
    let start = position
    var bytes: [UInt8] = []
    while true {
      let byte = try byte()
      if byte == 0x0A { break }
      guard bytes.count < limit else {
        throw failure("expected a line of at most \(limit) bytes", at: start)
      }
      bytes.append(byte)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw failure("expected UTF-8 text, found other bytes", at: start)
    }
    return text
  }

  mutating func number<Value: FixedWidthInteger & UnsignedInteger>(
    _ type: Value.Type = Value.self
  ) throws(Failure) -> Value {
    var value: Value = 0
    for index in 0..<Value.bitWidth / 8 { value |= Value(try byte()) << Value(8 * index) }
    return value
  }

  mutating func skip(_ count: Int) throws(Failure) {
    try require(count)
    position += count
    if position - blockStart > block.count {
      blockStart = position
      block = []
    }
  }

  func failure(_ problem: String, at start: Int? = nil) -> Failure {
    Failure(
      .badData, file.path, "\(what), byte \(start ?? position): \(problem)",
      hint: TorchFile.damagedHint)
  }

  private func require(_ count: Int) throws(Failure) {
    guard count >= 0, count <= remaining else {
      throw failure("expected \(count) more bytes, found \(remaining): it is cut short")
    }
  }

  private mutating func fill() throws(Failure) {
    try require(1)
    block = try file.read(min(Self.blockSize, remaining), at: position)
    blockStart = position
  }
}
