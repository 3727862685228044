/// A file of `torch.save`, zip or legacy: the tensors in it, wherever they lie, without running anything.
///
/// Opening reads the description and checks every tensor against the file; values are read when asked
/// for, straight from their place (`pread`, so that a file cut short meanwhile is an error and not a
/// signal). Sources: `torch/serialization.py` for the order of the parts, `PickleMachine`, `ZipArchive`.
public struct TorchFile: WeightFile {
  public let path: String
  public let format: String
  public let entries: [WeightEntry]
  public let container: String
  public let notes: [String]
  private let file: InputFile
  private let tensors: [TorchTensor]
  /// Where the blocks lie, by their key.
  private let blocks: [String: FilePart]

  static let damagedHint =
    "the file is damaged or no file of torch.save; fetch it again or save it again"
  /// Tensors may share storage; beyond this many times the file's size it is no network any more.
  static let maximalSharing = 16

  /// Whether a file with these first 8 bytes is a zip file or a pickle, and not a safetensors file whose
  /// length happens to look like one.
  static func isRecognized(_ start: [UInt8]) -> Bool {
    if start.starts(with: [0x50, 0x4B, 3, 4]) { return true }
    guard start.count >= 4, start[0] == 0x80, (2...5).contains(start[1]) else { return false }
    return start.dropFirst(4).contains { $0 != 0 }
  }

  /// - Throws: `.inputMissing`, `.io`, or `.badData` that says what is wrong and where.
  public init(_ path: String) throws(Failure) {
    try self.init(try InputFile(path))
  }

  init(_ file: InputFile) throws(Failure) {
    let start = try file.read(min(2, file.byteCount), at: 0)
    let isZip = start == [0x50, 0x4B]
    let contents = isZip ? try TorchContents(zip: file) : try TorchContents(legacy: file)
    let search: StateDictSearch
    do throws(PickleProblem) {
      search = try StateDictSearch(contents.heap, root: contents.root)
    } catch {
      throw Failure(.badData, file.path, error.text, hint: Self.damagedHint)
    }
    guard !search.found.isEmpty else {
      throw Self.nothingFound(file.path, contents.heap.unknownNames)
    }
    let blocks = try contents.blocks(of: search.found.map(\.tensor.storage), file)
    var total = 0
    for item in search.found {
      total += item.tensor.shape.count * item.tensor.dtype.bits / 8
      guard total / Self.maximalSharing <= contents.byteCount else {
        throw Failure(
          .badData, file.path,
          "its tensors are views of each other with more than \(Self.maximalSharing) times the file's size in all",
          hint: Self.damagedHint)
      }
    }
    self.file = file
    self.blocks = blocks
    path = file.path
    format = isZip ? "PyTorch (zip)" : "PyTorch (legacy)"
    tensors = search.found.map(\.tensor)
    entries = search.found.enumerated().map { index, item in
      WeightEntry(
        index: index, name: item.name, dtype: item.tensor.dtype, shape: item.tensor.shape)
    }
    container = search.container(contents.root)
    let names = contents.heap.unknownNames
    notes =
      names.isEmpty
      ? []
      : [
        "no code of these is run, their tensors alone are read: \(names.prefix(6).joined(separator: ", "))"
          + (names.count > 6 ? ", …" : "")
      ]
  }

  private static func nothingFound(_ path: String, _ unknown: [String]) -> Failure {
    let objects =
      unknown.isEmpty ? "" : ", only objects of \(unknown.prefix(4).joined(separator: ", "))"
    return Failure(
      .badData, path, "expected tensors, found none\(objects)",
      hint: "save the network's state_dict() with torch.save")
  }

  public func tensor(_ entry: WeightEntry) throws(Failure) -> StoredTensor {
    let tensor = tensors[entry.index]
    let size = tensor.dtype.bits / 8
    let (file, start) = place(of: tensor)
    let bytes: [UInt8]
    if tensor.isContiguous {
      bytes = try file.read(tensor.shape.count * size, at: start)
    } else {
      let span = tensor.span
      let block = try file.read(span.count * size, at: start)
      bytes = Self.gather(block, tensor.shape.dims, tensor.strides, size)
    }
    return StoredTensor(name: entry.name, dtype: entry.dtype, shape: entry.shape, bytes: bytes)
  }

  public func floats(_ entry: WeightEntry) throws(Failure) -> HostTensor {
    let tensor = tensors[entry.index]
    guard tensor.dtype == .f32, tensor.isContiguous else { return try converted(entry) }
    let (file, start) = place(of: tensor)
    return try file.floats(name: entry.name, shape: entry.shape, at: start)
  }

  /// Where a tensor's first element lies.
  private func place(of tensor: TorchTensor) -> (file: InputFile, start: Int) {
    // An empty tensor may have a block that is not there.
    let block = blocks[tensor.storage.key] ?? FilePart(file: file, range: 0..<0)
    return (block.file, block.range.lowerBound + tensor.offset * (tensor.dtype.bits / 8))
  }

  /// Elements of a strided view in row-major order; `block` begins with the first of them.
  private static func gather(
    _ block: [UInt8], _ shape: [Int], _ strides: [Int], _ size: Int
  ) -> [UInt8] {
    let count = shape.reduce(1, *)
    var index = [Int](repeating: 0, count: shape.count)
    var element = 0
    return [UInt8](unsafeUninitializedCapacity: count * size) { target, filled in
      for position in 0..<count {
        for byte in 0..<size {
          target.initializeElement(at: position * size + byte, to: block[element * size + byte])
        }
        for axis in index.indices.reversed() {
          index[axis] += 1
          element += strides[axis]
          if index[axis] < shape[axis] { break }
          element -= shape[axis] * strides[axis]
          index[axis] = 0
        }
      }
      filled = count * size
    }
  }
}
