import SegCore

/// A constant of an ONNX graph (`TensorProto`), whose values are made when their turn comes.
struct ONNXTensor {
  enum ElementType: Int {
    case float = 1
    case uint8 = 2
    case int64 = 7

    var size: Int {
      switch self {
      case .float: 4
      case .uint8: 1
      case .int64: 8
      }
    }
  }

  var name: String
  var type: ElementType
  var shape: [Int]
  /// Little-endian bytes, row-major.
  var bytes: () -> [UInt8]

  static func floats(
    _ name: String, _ shape: [Int], _ values: @escaping () -> [Float]
  ) -> ONNXTensor {
    ONNXTensor(name: name, type: .float, shape: shape) {
      values().withUnsafeBytes { Array($0) }
    }
  }

  static func integers(_ name: String, _ values: [Int]) -> ONNXTensor {
    ONNXTensor(name: name, type: .int64, shape: [values.count]) {
      values.map(Int64.init).withUnsafeBytes { Array($0) }
    }
  }

  private var byteCount: Int { shape.reduce(type.size, *) }

  /// The message up to its data, and the number of bytes of the whole.
  private var head: (bytes: [UInt8], total: Int) {
    var message = ProtobufMessage()
    for extent in shape { message.varint(1, Int64(extent)) }
    message.varint(2, Int64(type.rawValue))
    message.text(8, name)
    message.openData(9, byteCount: byteCount)
    return (message.bytes, message.bytes.count + byteCount)
  }

  /// Bytes of field `field` of another message that holds this one.
  func byteCount(asField field: Int) -> Int {
    let total = head.total
    return ProtobufMessage.opening(field, byteCount: total).count + total
  }

  func write(asField field: Int, to file: OutputFile) throws(Failure) {
    let (bytes, total) = head
    try file.write(ProtobufMessage.opening(field, byteCount: total) + bytes)
    let data = self.bytes()
    guard data.count == byteCount else {
      throw Failure(
        .internal, file.path, "constant \(name): expected \(byteCount) bytes, got \(data.count)")
    }
    try file.write(data)
  }
}
