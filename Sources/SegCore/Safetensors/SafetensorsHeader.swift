/// What a safetensors file says about its tensors, checked by all rules of the format.
///
/// The file is an 8-byte little-endian length, that many bytes of JSON, and the data. Source: the
/// format description of the safetensors project; what it accepts and refuses is the same.
public struct SafetensorsHeader: Sendable {
  public struct Entry: Sendable, Equatable {
    public var name: String
    public var dtype: StoredDType
    public var shape: Shape
    /// The bytes of the tensor, counted from the start of the data.
    public var range: Range<Int>
  }

  /// The tensors in the order of their data.
  public let entries: [Entry]
  public let metadata: [(key: String, value: String)]
  /// Offset of the data in the file.
  public let dataStart: Int

  /// The format's limit for the JSON.
  public static let maximalLength = 100_000_000
  static let hint = "the file is damaged or not in the safetensors format; fetch or write it again"

  /// - Throws: `.badData` that names the file, the tensor and the rule that is broken.
  init(_ file: InputFile) throws(Failure) {
    let path = file.path
    func bad(_ problem: String) -> Failure { Failure(.badData, path, problem, hint: Self.hint) }

    guard file.byteCount >= 8 else {
      throw bad("expected at least the 8 bytes of the header length, found \(file.byteCount) bytes")
    }
    let prefix = try file.read(8, at: 0)
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Self.maximalLength) else {
      throw bad("expected a header of at most \(Self.maximalLength) bytes, found length \(length)")
    }
    guard Int(length) <= file.byteCount - 8 else {
      throw bad("the header is to have \(length) bytes, but only \(file.byteCount - 8) follow")
    }
    let json = try file.read(Int(length), at: 8)
    try self.init(json: json, dataByteCount: file.byteCount - 8 - Int(length), path: path)
  }

  /// - Parameters:
  ///   - json: the header without its length.
  ///   - dataByteCount: how many bytes follow it in the file.
  package init(json: [UInt8], dataByteCount: Int, path: String) throws(Failure) {
    func bad(_ problem: String) -> Failure { Failure(.badData, path, problem, hint: Self.hint) }

    guard String(validating: json, as: UTF8.self) != nil else {
      throw bad("safetensors header: expected UTF-8 text, found other bytes")
    }
    var parser = SafetensorsHeaderParser(json, path: path)
    let (items, metadata) = try parser.parse()
    // Ties are empty tensors; the name makes their order a property of the file.
    let ordered = items.sorted {
      ($0.begin, $0.end) != ($1.begin, $1.end)
        ? ($0.begin, $0.end) < ($1.begin, $1.end)
        : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
    var entries: [Entry] = []
    entries.reserveCapacity(ordered.count)
    var end = 0
    for item in ordered {
      let place = "tensor \(shown(item.name))"
      let offsets = "data_offsets [\(item.begin), \(item.end)]"
      guard item.begin <= item.end else {
        throw bad("\(place): expected begin <= end, found \(offsets)")
      }
      guard item.begin == end else {
        let kind = item.begin < end ? "overlap" : "leave a gap of \(item.begin - end) bytes"
        throw bad("\(place): \(offsets) \(kind): the data before it ends at \(end)")
      }
      guard let size = item.dtype.byteCount(of: item.shape) else {
        throw bad(
          "\(place): the size of \(item.dtype.rawValue)\(item.shape) is not a number of bytes")
      }
      guard size == item.end - item.begin else {
        throw bad(
          "\(place): \(item.dtype.rawValue)\(item.shape) needs \(size) bytes, "
            + "\(offsets) hold \(item.end - item.begin)")
      }
      end = item.end
      entries.append(
        Entry(name: item.name, dtype: item.dtype, shape: item.shape, range: item.begin..<item.end))
    }
    guard end == dataByteCount else {
      let kind = end > dataByteCount ? "it is cut short" : "it has bytes that belong to no tensor"
      throw bad("the tensors need \(end) bytes of data, the file holds \(dataByteCount): \(kind)")
    }
    self.entries = entries
    self.metadata = metadata
    dataStart = 8 + json.count
  }
}
