public import SegCore

/// Writes the state dict of any weight file that is read as safetensors.
public struct WeightConversion: Sendable {
  public enum Types: String, Sendable, CaseIterable {
    /// As they are stored.
    case stored
    /// Floating-point numbers as fp32; whole numbers and counters stay.
    case f32
  }

  public let stateDict: StateDict
  public let types: Types

  public init(_ path: String, types: Types) throws(Failure) {
    stateDict = StateDict(try openWeightFile(path))
    self.types = types
  }

  /// Writes the tensors in the order of the file, one in memory at a time, and metadata where there was some.
  ///
  /// - Throws: `.badData` where a number is beyond the range of the wanted type; no file is left then.
  public func write(to path: String) throws(Failure) {
    var metadata = stateDict.file.metadata
    if !metadata.contains(where: { $0.key == "format" }) {
      metadata.insert((key: "format", value: "pt"), at: 0)
    }
    let sources = stateDict.items.map(source)
    try AtomicFile.write(path) { output throws(Failure) in
      try SafetensorsWriter.write(sources, metadata: metadata, to: output)
    }
  }

  private func source(_ item: StateDict.Item) -> TensorSource {
    let (entry, file) = (item.entry, stateDict.file)
    let becomesFloat = types == .f32 && [.f16, .bf16, .f64].contains(entry.dtype)
    let dtype = becomesFloat ? .f32 : entry.dtype
    return TensorSource(name: item.name, dtype: dtype, shape: entry.shape) { sink throws(Failure) in
      if becomesFloat {
        let values = try file.floats(entry).values
        try values.span.bytes.withUnsafeBytes { bytes throws(Failure) in try sink(bytes) }
      } else {
        let stored = try file.tensor(entry).bytes
        try stored.span.bytes.withUnsafeBytes { bytes throws(Failure) in try sink(bytes) }
      }
    }
  }
}
