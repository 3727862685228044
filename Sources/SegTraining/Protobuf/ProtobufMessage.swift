/// The few field kinds of protocol buffers that TensorBoard's events and ONNX need, written by hand.
struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  mutating func varint(_ field: Int, _ value: Int64) {
    key(field, wire: 0)
    append(varint: UInt64(bitPattern: value))
  }

  mutating func double(_ field: Int, _ value: Double) {
    key(field, wire: 1)
    append(value.bitPattern)
  }

  mutating func float(_ field: Int, _ value: Float) {
    key(field, wire: 5)
    append(value.bitPattern)
  }

  mutating func data(_ field: Int, _ value: [UInt8]) {
    openData(field, byteCount: value.count)
    bytes += value
  }

  mutating func text(_ field: Int, _ value: String) { data(field, Array(value.utf8)) }

  /// Begins a field of bytes that follow from elsewhere.
  mutating func openData(_ field: Int, byteCount: Int) {
    key(field, wire: 2)
    append(varint: UInt64(byteCount))
  }

  /// What `openData` writes, on its own.
  static func opening(_ field: Int, byteCount: Int) -> [UInt8] {
    var message = ProtobufMessage()
    message.openData(field, byteCount: byteCount)
    return message.bytes
  }

  private mutating func key(_ field: Int, wire: Int) {
    append(varint: UInt64(field << 3 | wire))
  }

  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes += Array($0) }
  }

  /// The last varint called `field` at the top level of a message; 0, the default, where it has none.
  ///
  /// - Returns: nil for bytes that are no message.
  static func varint(_ field: Int, in message: ArraySlice<UInt8>) -> Int64? {
    var rest = message
    var found: Int64 = 0
    while !rest.isEmpty {
      guard let key = takeVarint(&rest) else { return nil }
      var length: UInt64
      switch key & 7 {
      case 0:
        guard let value = takeVarint(&rest) else { return nil }
        if key >> 3 == UInt64(field) { found = Int64(bitPattern: value) }
        continue
      case 1: length = 8
      case 2:
        guard let value = takeVarint(&rest) else { return nil }
        length = value
      case 5: length = 4
      default: return nil
      }
      guard length <= UInt64(rest.count) else { return nil }
      rest = rest.dropFirst(Int(length))
    }
    return found
  }

  private static func takeVarint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
