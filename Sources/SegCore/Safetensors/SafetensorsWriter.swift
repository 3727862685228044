/// A tensor that is about to be written: its description, and its bytes when their turn comes.
public struct TensorSource {
  /// Takes the next bytes of a tensor.
  public typealias Sink = (UnsafeRawBufferPointer) throws(Failure) -> Void

  public var name: String
  public var dtype: StoredDType
  public var shape: Shape
  let produce: (_ sink: Sink) throws(Failure) -> Void

  /// - Parameter produce: hands the bytes, little-endian and row-major, to the sink in as many parts
  ///   as it likes; called once for each writing of the file.
  public init(
    name: String, dtype: StoredDType, shape: Shape,
    _ produce: @escaping (_ sink: Sink) throws(Failure) -> Void
  ) {
    self.name = name
    self.dtype = dtype
    self.shape = shape
    self.produce = produce
  }

  public init(_ tensor: StoredTensor) {
    self.init(name: tensor.name, dtype: tensor.dtype, shape: tensor.shape) { sink throws(Failure) in
      try tensor.bytes.span.bytes.withUnsafeBytes { buffer throws(Failure) in try sink(buffer) }
    }
  }

  public init(_ tensor: HostTensor) {
    self.init(name: tensor.name, shape: tensor.shape) { tensor.values }
  }

  /// A float tensor whose values are made when they are needed and dropped after that, e.g. a weight
  /// that is stored in another layout.
  public init(name: String, shape: Shape, floats: @escaping () -> [Float]) {
    self.init(name: name, dtype: .f32, shape: shape) { sink throws(Failure) in
      let values = floats()
      try values.span.bytes.withUnsafeBytes { buffer throws(Failure) in try sink(buffer) }
    }
  }
}

/// Writes safetensors: the same tensors and metadata in the same order give the same bytes.
public enum SafetensorsWriter {
  /// - Parameters:
  ///   - tensors: header and data are in this order.
  ///   - metadata: comes first in the header; left out where empty.
  /// - Throws: `.io`; `.internal` where two tensors have one name or a source gives a wrong number
  ///   of bytes.
  public static func write(
    _ tensors: [TensorSource], metadata: [(key: String, value: String)] = [], to file: OutputFile
  ) throws(Failure) {
    try file.write(try header(tensors, metadata, file.path))
    for tensor in tensors {
      let expected = tensor.dtype.byteCount(of: tensor.shape) ?? 0
      let start = file.byteCount
      try tensor.produce { bytes throws(Failure) in try file.write(bytes) }
      let found = file.byteCount - start
      guard found == expected else {
        throw Failure(
          .internal, file.path,
          "tensor \(shown(tensor.name)): expected \(expected) bytes, got \(found)")
      }
    }
  }

  /// The bytes a file of these tensors will have, to compare with the free space.
  public static func byteCount(
    _ tensors: [TensorSource], metadata: [(key: String, value: String)] = [], path: String = ""
  ) throws(Failure) -> Int {
    let data = tensors.reduce(0) { $0 + ($1.dtype.byteCount(of: $1.shape) ?? 0) }
    return try header(tensors, metadata, path).count + data
  }

  /// Length and JSON, padded with spaces so that the data starts at a multiple of 8.
  private static func header(
    _ tensors: [TensorSource], _ metadata: [(key: String, value: String)], _ path: String
  ) throws(Failure) -> [UInt8] {
    var names: Set<String> = ["__metadata__"]
    var keys = Set<String>()
    var fields: [String] = []
    for (key, _) in metadata where !keys.insert(key).inserted {
      throw Failure(.internal, path, "two metadata entries are called \(shown(key))")
    }
    if !metadata.isEmpty {
      let pairs = metadata.map { "\(quoted($0.key)):\(quoted($0.value))" }
      fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for tensor in tensors {
      guard names.insert(tensor.name).inserted else {
        throw Failure(.internal, path, "two tensors are called \(shown(tensor.name))")
      }
      guard let size = tensor.dtype.byteCount(of: tensor.shape) else {
        throw Failure(
          .internal, path,
          "tensor \(shown(tensor.name)): \(tensor.dtype.rawValue)\(tensor.shape) has no size")
      }
      let extents = tensor.shape.dims.map(String.init).joined(separator: ",")
      fields.append(
        "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.dtype.rawValue)\",\"shape\":[\(extents)],"
          + "\"data_offsets\":[\(offset),\(offset + size)]}")
      offset += size
    }
    var json = Array("{\(fields.joined(separator: ","))}".utf8)
    json += [UInt8](repeating: 0x20, count: (8 - json.count % 8) % 8)
    guard json.count <= SafetensorsHeader.maximalLength else {
      throw Failure(.internal, path, "the header would have \(json.count) bytes")
    }
    let length = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) }
    return length + json
  }

  private static func quoted(_ text: String) -> String { JSONValue.string(text).compact }
}
