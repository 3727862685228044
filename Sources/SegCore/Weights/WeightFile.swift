/// A tensor of a weight file, before its values are read.
public struct WeightEntry: Sendable, Equatable {
  /// Position in `WeightFile.entries`.
  public var index: Int
  public var name: String
  public var dtype: StoredDType
  public var shape: Shape

  public init(index: Int, name: String, dtype: StoredDType, shape: Shape) {
    self.index = index
    self.name = name
    self.dtype = dtype
    self.shape = shape
  }
}

/// A file of named tensors in any of the formats that are read; opened, checked, values not read yet.
public protocol WeightFile: Sendable {
  var path: String { get }
  /// For people, e.g. `safetensors`.
  var format: String { get }
  /// Every tensor in the file, names as the file has them.
  var entries: [WeightEntry] { get }
  /// How the names of the network's own tensors start where the file holds other things beside them,
  /// e.g. `state_dict.`; empty where all are.
  var container: String { get }
  /// What a user should know about how the file was read.
  var notes: [String] { get }
  /// Key and value, in file order; empty for formats that have none.
  var metadata: [(key: String, value: String)] { get }

  /// The stored values, row-major and contiguous.
  /// - Throws: `.io` or `.badData` where the file ends before them.
  func tensor(_ entry: WeightEntry) throws(Failure) -> StoredTensor

  /// The values as floats (`StoredTensor.floats`).
  func floats(_ entry: WeightEntry) throws(Failure) -> HostTensor
}

extension WeightFile {
  public var container: String { "" }
  public var notes: [String] { [] }
  public var metadata: [(key: String, value: String)] { [] }

  public func floats(_ entry: WeightEntry) throws(Failure) -> HostTensor { try converted(entry) }

  /// Floats by way of the stored values; errors name the file.
  func converted(_ entry: WeightEntry) throws(Failure) -> HostTensor {
    do throws(Failure) {
      let values = try tensor(entry).floats()
      return HostTensor(name: entry.name, shape: entry.shape, values: values)
    } catch {
      if error.place == path { throw error }
      throw Failure(error.status, path, "\(error.place): \(error.problem)", hint: error.hint)
    }
  }
}

/// Opens a weight file by what is in it: safetensors, or a file of `torch.save`.
///
/// - Throws: `.inputMissing`, `.io`, or `.badData` that says what is wrong and where.
public func openWeightFile(_ path: String) throws(Failure) -> any WeightFile {
  let file = try InputFile(path)
  let start = try file.read(min(8, file.byteCount), at: 0)
  if TorchFile.isRecognized(start) { return try TorchFile(file) }
  let name = FilePath.name(of: path)
  if [".pth", ".pt", ".bin", ".ckpt"].contains(where: name.hasSuffix) {
    throw Failure(
      .badData, path, "expected a zip file or a pickle of torch.save, found other bytes",
      hint: TorchFile.damagedHint)
  }
  // What a safetensors file begins with is the length of its header.
  let length = start.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  if !name.hasSuffix(".safetensors"), length > UInt64(file.byteCount) {
    throw Failure(
      .badData, path, "expected safetensors or a file of torch.save, found other bytes",
      hint: "give a .safetensors, .pth or .pt file; if it is one, it is damaged")
  }
  return try SafetensorsReader(path)
}
