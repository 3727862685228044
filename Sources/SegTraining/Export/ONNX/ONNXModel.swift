import SegCore

/// A whole ONNX file (`ModelProto`): opset 13, the oldest with everything that is needed, for the most readers.
///
/// Source: `onnx.proto` of the ONNX project, format version 7.
struct ONNXModel {
  /// An input or output with its extents; a name stands for one that is free.
  struct Port {
    enum Extent {
      case fixed(Int)
      case free(String)
    }

    var name: String
    var type: ONNXTensor.ElementType
    var extents: [Extent]
  }

  static let formatVersion = 7
  static let opset = 13

  var name: String
  var nodes: [ONNXNode] = []
  var constants: [ONNXTensor] = []
  var inputs: [Port] = []
  var outputs: [Port] = []
  var metadata: [(key: String, value: String)] = []

  /// Writes the file; one constant is in memory at a time.
  func write(to file: OutputFile) throws(Failure) {
    let graph = graphWithoutConstants
    let size = constants.reduce(graph.bytes.count) { $0 + $1.byteCount(asField: 5) }
    try file.write(head.bytes + ProtobufMessage.opening(7, byteCount: size) + graph.bytes)
    for constant in constants { try constant.write(asField: 5, to: file) }
  }

  private var head: ProtobufMessage {
    var message = ProtobufMessage()
    message.varint(1, Int64(Self.formatVersion))
    message.text(2, "segtrain")
    var opset = ProtobufMessage()
    opset.text(1, "")
    opset.varint(2, Int64(Self.opset))
    message.data(8, opset.bytes)
    for (key, value) in metadata {
      var pair = ProtobufMessage()
      pair.text(1, key)
      pair.text(2, value)
      message.data(14, pair.bytes)
    }
    return message
  }

  private var graphWithoutConstants: ProtobufMessage {
    var message = ProtobufMessage()
    for node in nodes { message.data(1, node.message.bytes) }
    message.text(2, name)
    for input in inputs { message.data(11, Self.message(input).bytes) }
    for output in outputs { message.data(12, Self.message(output).bytes) }
    return message
  }

  /// `ValueInfoProto`.
  private static func message(_ port: Port) -> ProtobufMessage {
    var shape = ProtobufMessage()
    for extent in port.extents {
      var dimension = ProtobufMessage()
      switch extent {
      case .fixed(let count): dimension.varint(1, Int64(count))
      case .free(let name): dimension.text(2, name)
      }
      shape.data(1, dimension.bytes)
    }
    var tensor = ProtobufMessage()
    tensor.varint(1, Int64(port.type.rawValue))
    tensor.data(2, shape.bytes)
    var type = ProtobufMessage()
    type.data(1, tensor.bytes)
    var message = ProtobufMessage()
    message.text(1, port.name)
    message.data(2, type.bytes)
    return message
  }
}
