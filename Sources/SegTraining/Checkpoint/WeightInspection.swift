public import SegCore

/// What is in a weight file, for people and as JSON.
public struct WeightInspection: Sendable {
  private let file: any WeightFile
  private let stateDict: StateDict
  /// By entry, where they were asked for.
  private var digests: [String] = []

  /// - Parameter md5: also the MD5 of every tensor's contiguous little-endian bytes; reads the whole file.
  public init(_ path: String, md5: Bool) throws {
    file = try openWeightFile(path)
    stateDict = StateDict(file)
    if md5 { digests = try file.entries.map { MD5.hash(try file.tensor($0).bytes) } }
  }

  private var elements: Int { file.entries.reduce(0) { $0 + $1.shape.count } }
  private var bytes: Int { file.entries.reduce(0) { $0 + $1.shape.count * $1.dtype.bits / 8 } }

  public var json: JSONValue {
    .fields([
      "file": .string(file.path), "format": .string(file.format),
      "elements": .integer(elements), "bytes": .integer(bytes),
      "notes": .array(stateDict.notes.map { .string($0) }),
      "metadata": .object(file.metadata.map { ($0.key, .string($0.value)) }),
      "tensors": .array(
        file.entries.enumerated().map { index, entry in
          var fields: [(key: String, value: JSONValue)] = [
            ("name", .string(entry.name)), ("dtype", .string(entry.dtype.rawValue)),
            ("shape", .array(entry.shape.dims.map { .integer($0) })),
          ]
          if !digests.isEmpty { fields.append(("md5", .string(digests[index]))) }
          return .object(fields)
        }),
    ])
  }

  public var text: String {
    var table = TextTable(
      [.left("tensor"), .left("type"), .left("shape")] + (digests.isEmpty ? [] : [.left("md5")]))
    for (index, entry) in file.entries.enumerated() {
      table.add(
        [WeightReport.plain(entry.name), entry.dtype.rawValue, "\(entry.shape)"]
          + (digests.isEmpty ? [] : [digests[index]]))
    }
    let head =
      "\(file.path): \(file.format), \(file.entries.count) tensors, \(elements) elements, \(bytes) bytes"
    let metadata = file.metadata.map {
      "\(WeightReport.plain($0.key)): \(WeightReport.plain($0.value))"
    }
    return ([head] + stateDict.notes + metadata + [table.text]).joined(separator: "\n")
  }
}
