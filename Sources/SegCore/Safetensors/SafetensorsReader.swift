/// An open safetensors file: the header is checked on opening, tensors are read when asked for.
///
/// It reads with `pread` rather than by mapping, so that a file cut short by somebody else is an error
/// and not a signal.
public struct SafetensorsReader: WeightFile {
  public let path: String
  public let header: SafetensorsHeader
  private let file: InputFile

  /// - Throws: `.inputMissing`, `.io`, or `.badData` for a file that breaks a rule of the format.
  public init(_ path: String) throws(Failure) {
    self.path = path
    file = try InputFile(path)
    header = try SafetensorsHeader(file)
  }

  public var format: String { "safetensors" }
  public var metadata: [(key: String, value: String)] { header.metadata }

  /// The tensors in the order of their data.
  public var entries: [WeightEntry] {
    header.entries.enumerated().map { index, entry in
      WeightEntry(index: index, name: entry.name, dtype: entry.dtype, shape: entry.shape)
    }
  }

  /// The value of `key` in the metadata.
  public func metadata(_ key: String) -> String? {
    header.metadata.first { $0.key == key }?.value
  }

  public func tensor(_ entry: WeightEntry) throws(Failure) -> StoredTensor {
    let range = header.entries[entry.index].range
    let bytes = try file.read(range.count, at: header.dataStart + range.lowerBound)
    return StoredTensor(name: entry.name, dtype: entry.dtype, shape: entry.shape, bytes: bytes)
  }

  /// The values of a tensor as floats (`StoredTensor.floats`); `F32` is read in place.
  public func floats(_ entry: WeightEntry) throws(Failure) -> HostTensor {
    guard entry.dtype == .f32 else { return try converted(entry) }
    let range = header.entries[entry.index].range
    return try file.floats(
      name: entry.name, shape: entry.shape, at: header.dataStart + range.lowerBound)
  }
}
