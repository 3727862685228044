import SegCore

/// An ONNX file taken apart again, field by field.
struct ONNXFile {
  struct Node {
    var type, name: String
    var inputs, outputs: [String]
    /// Numbers of an attribute, or its text.
    var attributes: [String: (numbers: [Int64], text: String)]
  }

  struct Constant {
    var shape: [Int]
    var type: Int64
    var data: ArraySlice<UInt8>
  }

  var version, opset: Int64
  var nodes: [Node] = []
  var constants: [String: Constant] = [:]
  /// Extents of inputs and outputs as text.
  var ports: [String: [String]] = [:]
  var metadata: [String: String] = [:]

  init(_ path: String) throws {
    let model = try WireFields(InputFile.contents(of: path)[...])
    version = model.numbers(1)[0]
    opset = try WireFields(model.data(8)[0]).numbers(2)[0]
    for pair in try model.data(14).map(WireFields.init) {
      metadata[pair.text(1)] = pair.text(2)
    }
    let graph = try WireFields(model.data(7)[0])
    for node in try graph.data(1).map(WireFields.init) {
      var attributes: [String: (numbers: [Int64], text: String)] = [:]
      for attribute in try node.data(5).map(WireFields.init) {
        attributes[attribute.text(1)] = (
          attribute.numbers(3) + attribute.numbers(8), attribute.text(4)
        )
      }
      nodes.append(
        Node(
          type: node.text(4), name: node.text(3), inputs: node.data(1).map(WireFields.text),
          outputs: node.data(2).map(WireFields.text), attributes: attributes))
    }
    for tensor in try graph.data(5).map(WireFields.init) {
      constants[tensor.text(8)] = Constant(
        shape: tensor.numbers(1).map(Int.init), type: tensor.numbers(2)[0],
        data: tensor.data(9).first ?? [])
    }
    for port in try (graph.data(11) + graph.data(12)).map(WireFields.init) {
      let tensor = try WireFields(WireFields(port.data(2)[0]).data(1)[0])
      ports[port.text(1)] = try WireFields(tensor.data(2)[0]).data(1).map { dimension in
        let fields = try WireFields(dimension)
        return fields.numbers(1).first.map(String.init) ?? fields.text(2)
      }
    }
  }
}

/// The fields of a protocol buffer.
struct WireFields {
  private var varints: [(field: UInt64, value: Int64)] = []
  private var lengths: [(field: UInt64, bytes: ArraySlice<UInt8>)] = []

  init(_ bytes: ArraySlice<UInt8>) throws {
    var rest = bytes
    func damaged() -> Failure { Failure(.badData, "", "no protocol buffer") }
    func varint() throws -> UInt64 {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 64, by: 7) {
        guard let byte = rest.popFirst() else { throw damaged() }
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
      }
      throw damaged()
    }
    while !rest.isEmpty {
      let key = try varint()
      switch key & 7 {
      case 0: varints.append((key >> 3, Int64(bitPattern: try varint())))
      case 2:
        let count = try varint()
        guard count <= UInt64(rest.count) else { throw damaged() }
        lengths.append((key >> 3, rest.prefix(Int(count))))
        rest = rest.dropFirst(Int(count))
      case 5: rest = rest.dropFirst(4)
      default: throw damaged()
      }
    }
  }

  func numbers(_ field: UInt64) -> [Int64] { varints.filter { $0.field == field }.map(\.value) }
  func data(_ field: UInt64) -> [ArraySlice<UInt8>] {
    lengths.filter { $0.field == field }.map(\.bytes)
  }
  func text(_ field: UInt64) -> String { data(field).first.map(Self.text) ?? "" }
  static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
