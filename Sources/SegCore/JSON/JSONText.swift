/// The bytes of a JSON document together with the name errors call it by.
public struct JSONText: Sendable {
  /// File name as the user gave it, or another label.
  public let name: String
  public let bytes: [UInt8]
  /// Byte offsets at which lines begin; `\n`, `\r` and `\r\n` end a line.
  private let lineStarts: [Int]

  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    var starts = [0]
    for (offset, byte) in bytes.enumerated() {
      let isCarriageReturn =
        byte == 0x0D && !(offset + 1 < bytes.count && bytes[offset + 1] == 0x0A)
      if byte == 0x0A || isCarriageReturn { starts.append(offset + 1) }
    }
    lineStarts = starts
  }

  /// Line and column of a byte, both from 1; columns count Unicode scalars, a tab is one.
  public func position(of offset: Int) -> (line: Int, column: Int) {
    let end = min(max(offset, 0), bytes.count)
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= end { low = middle } else { high = middle }
    }
    let scalars = bytes[lineStarts[low]..<end].count { $0 & 0xC0 != 0x80 }
    return (low + 1, scalars + 1)
  }

  /// `file:line:column` of a byte.
  public func place(of offset: Int) -> String {
    let (line, column) = position(of: offset)
    return "\(name):\(line):\(column)"
  }

  /// The text of a byte range, for messages.
  func slice(_ range: Range<Int>) -> String {
    String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
  }
}
