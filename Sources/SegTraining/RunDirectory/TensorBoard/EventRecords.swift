import SegCore

/// The framing of TensorBoard's event files: length, checksum of the length, data, checksum of the data.
enum EventRecords {
  /// One record: `UInt64` length, `UInt32` masked CRC, data, `UInt32` masked CRC, little-endian.
  static func record(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(CRC32C.masked(length)) + data + littleEndian(CRC32C.masked(data))
  }

  /// The data of the whole records at the start of a file; what follows the first one that is torn or
  /// damaged is left out.
  static func intact(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var found: [ArraySlice<UInt8>] = []
    var start = 0
    while bytes.count - start >= 16 {
      let prefix = bytes[start..<(start + 8)]
      let length: UInt64 = number(prefix)
      guard CRC32C.masked(prefix) == number(bytes[(start + 8)..<(start + 12)]),
        length <= UInt64(bytes.count - start - 16)
      else { break }
      let data = bytes[(start + 12)..<(start + 12 + Int(length))]
      guard CRC32C.masked(data) == number(bytes[data.endIndex..<(data.endIndex + 4)]) else { break }
      found.append(data)
      start = data.endIndex + 4
    }
    return found
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private static func number<Value: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>) -> Value {
    bytes.reversed().reduce(0) { $0 << 8 | Value($1) }
  }
}
