/// An open safetensors file: the header is checked on opening, tensors are read when asked for.
///
/// It reads with `pread` rather than by mapping, so that a file cut short by somebody else is an error
/// and not a signal.
public struct SafetensorsReader: Sendable {
  public let path: String
  public let header: SafetensorsHeader
  private let file: InputFile

  /// - Throws: `.inputMissing`, `.io`, or `.badData` for a file that breaks a rule of the format.
  public init(_ path: String) throws(Failure) {
    self.path = path
    file = try InputFile(path)
    header = try SafetensorsHeader(file)
  }

  /// The tensors in the order of their data.
  public var entries: [SafetensorsHeader.Entry] { header.entries }

  /// The value of `key` in the metadata.
  public func metadata(_ key: String) -> String? {
    header.metadata.first { $0.key == key }?.value
  }

  public func tensor(_ entry: SafetensorsHeader.Entry) throws(Failure) -> StoredTensor {
    let bytes = try file.read(entry.range.count, at: header.dataStart + entry.range.lowerBound)
    return StoredTensor(name: entry.name, dtype: entry.dtype, shape: entry.shape, bytes: bytes)
  }

  /// The values of a tensor as floats (`StoredTensor.floats`); `F32` is read in place.
  public func floats(_ entry: SafetensorsHeader.Entry) throws(Failure) -> HostTensor {
    guard entry.dtype == .f32 else {
      do throws(Failure) {
        let values = try tensor(entry).floats()
        return HostTensor(name: entry.name, shape: entry.shape, values: values)
      } catch {
        throw Failure(error.status, path, "\(error.place): \(error.problem)", hint: error.hint)
      }
    }
    var failure: Failure?
    let count = entry.shape.count
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(Failure) {
        let target = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: 4 * count)
        try file.read(into: target, at: header.dataStart + entry.range.lowerBound)
        filled = count
      } catch { failure = error }
    }
    if let failure { throw failure }
    return HostTensor(name: entry.name, shape: entry.shape, values: values)
  }
}
