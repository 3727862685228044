/// One operation of an ONNX graph (`NodeProto`).
package struct ONNXNode {
  package enum Attribute: Equatable {
    case float(Float)
    case integer(Int)
    case integers([Int])
    case text(String)
  }

  /// ONNX's name of the operation.
  package var type: String
  package var name: String
  package var inputs: [String]
  package var output: String
  package var attributes: KeyValuePairs<String, Attribute>

  init(
    _ type: String, _ name: String, _ inputs: [String], to output: String,
    _ attributes: KeyValuePairs<String, Attribute> = [:]
  ) {
    self.type = type
    self.name = name
    self.inputs = inputs
    self.output = output
    self.attributes = attributes
  }

  var message: ProtobufMessage {
    var message = ProtobufMessage()
    for input in inputs { message.text(1, input) }
    message.text(2, output)
    message.text(3, name)
    message.text(4, type)
    for (key, value) in attributes { message.data(5, Self.message(key, value).bytes) }
    return message
  }

  /// `AttributeProto`; its type is repeated in a field of its own.
  private static func message(_ key: String, _ value: Attribute) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.text(1, key)
    switch value {
    case .float(let value):
      message.float(2, value)
      message.varint(20, 1)
    case .integer(let value):
      message.varint(3, Int64(value))
      message.varint(20, 2)
    case .text(let value):
      message.text(4, value)
      message.varint(20, 3)
    case .integers(let values):
      for value in values { message.varint(8, Int64(value)) }
      message.varint(20, 7)
    }
    return message
  }
}
