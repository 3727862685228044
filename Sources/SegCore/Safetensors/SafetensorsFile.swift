/// A whole safetensors file in memory: tensors in the order of their data, metadata in file order.
public struct SafetensorsFile: Sendable {
  public var tensors: [StoredTensor]
  public var metadata: [(key: String, value: String)]

  public init(tensors: [StoredTensor] = [], metadata: KeyValuePairs<String, String> = [:]) {
    self.tensors = tensors
    self.metadata = metadata.map { (key: $0.key, value: $0.value) }
  }

  /// The tensor called `name`.
  public subscript(name: String) -> StoredTensor? { tensors.first { $0.name == name } }

  public static func read(_ path: String) throws(Failure) -> SafetensorsFile {
    let reader = try SafetensorsReader(path)
    var file = SafetensorsFile()
    file.metadata = reader.header.metadata
    for entry in reader.entries { file.tensors.append(try reader.tensor(entry)) }
    return file
  }

  /// Writes the file in one step (`AtomicFile`).
  public func write(
    to path: String, fileSystem: FileSystem = .standard
  ) throws(Failure) {
    try AtomicFile.write(path, fileSystem: fileSystem) { output throws(Failure) in
      try SafetensorsWriter.write(tensors.map(TensorSource.init), metadata: metadata, to: output)
    }
  }
}
