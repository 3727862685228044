import Foundation
import SegCore
import Testing

/// The files of a run directory with the fields masked that hold times: two runs of one config differ in
/// nothing else.
struct RunFiles {
  /// What else may differ between two runs.
  enum Mask {
    /// Only times.
    case times
    /// Also the planned workspace, which grows with the threads.
    case threads
    /// Also the config itself and what holds a copy of it.
    case config
  }

  private var contents: [String: Data] = [:]

  /// - Parameter path: a run directory.
  init(_ path: String, mask: Mask = .times) throws {
    for name in try Self.tree(path) {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: FilePath.join(path, name)))
      contents[name] = try Self.masked(bytes, name: name, mask)
    }
  }

  var names: [String] { contents.keys.sorted() }

  /// One line for each file that is not the same in both; empty for equal runs.
  static func differences(_ a: RunFiles, _ b: RunFiles) -> [String] {
    Set(a.names).union(b.names).sorted().compactMap { name in
      guard let x = a.contents[name] else { return "\(name): only in the second" }
      guard let y = b.contents[name] else { return "\(name): only in the first" }
      return x == y ? nil : "\(name): \(firstDifference(x, y))"
    }
  }

  private static func firstDifference(_ a: Data, _ b: Data) -> String {
    guard let x = String(data: a, encoding: .utf8), let y = String(data: b, encoding: .utf8) else {
      return "\(a.count) and \(b.count) bytes, not equal"
    }
    let (first, second) = (x.split(separator: "\n"), y.split(separator: "\n"))
    for (line, other) in zip(first, second) where line != other { return "\n  \(line)\n  \(other)" }
    return "\(first.count) and \(second.count) lines"
  }

  /// Paths of all files below `path`, relative to it.
  static func tree(_ path: String, below prefix: String = "") throws -> [String] {
    var found: [String] = []
    for name in try FileSystem.entries(of: path) {
      let (full, shown) = (FilePath.join(path, name), prefix + name)
      if FileSystem.kind(of: full) == .directory {
        found += try tree(full, below: shown + "/")
      } else {
        found.append(shown)
      }
    }
    return found
  }

  // MARK: Masks

  private static func masked(_ bytes: Data, name: String, _ mask: Mask) throws -> Data {
    let file = FilePath.name(of: name)
    switch file {
    case "env.json": return Data()
    case "metrics.jsonl": return try Data(metrics(bytes).utf8)
    case "log.txt": return Data(log(String(decoding: bytes, as: UTF8.self), mask).utf8)
    case "config.json", "report.html", "state.json": return mask == .config ? Data() : bytes
    case "model.safetensors": return mask == .config ? tensors(bytes) : bytes
    default: return file.hasPrefix("events.out.tfevents") ? events(bytes) : bytes
    }
  }

  private static func metrics(_ bytes: Data) throws -> String {
    try bytes.split(separator: UInt8(ascii: "\n")).map { line in
      let event = try JSONNode.parse(Array(line), name: "metrics.jsonl").value
      guard case .object(let pairs) = event else { return "\(event)" }
      return JSONValue.object(
        pairs.map { key, value in
          (key: key, value: ["images_per_second", "data_wait"].contains(key) ? .null : value)
        }
      ).compact
    }.joined(separator: "\n")
  }

  /// Time stamps, speeds, memory and remaining time.
  private static func log(_ text: String, _ mask: Mask) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var line = String(line)
      if line.count > 20, line.first != " " { line = "TIME" + line.dropFirst(20) }
      if line.contains(" img/s") {
        let fields = line.components(separatedBy: "  ")
        let times = [" img/s", "data ", "mem ", "eta "]
        line = fields.filter { field in
          !times.contains { field.hasSuffix($0) || field.hasPrefix($0) }
        }.joined(separator: "  ")
      }
      if mask != .times, let place = line.range(of: "planned peak") {
        line = String(line[..<place.lowerBound])
      }
      return line
    }.joined(separator: "\n")
  }

  /// Event files: a record is length, its checksum, data, its checksum; data begins with the time.
  private static func events(_ bytes: Data) -> Data {
    var masked = Data()
    var rest = bytes[...]
    while rest.count >= 16 {
      let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      guard length >= 9, rest.count >= length + 16 else { break }
      masked += rest.dropFirst(12 + 9).prefix(length - 9)
      rest = rest.dropFirst(length + 16)
    }
    return masked + rest
  }

  /// A weight file without its metadata, which hold the config.
  private static func tensors(_ bytes: Data) -> Data {
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try? JSONNode.parse(Array(bytes.dropFirst(8).prefix(length)), name: "").value
    guard case .object(let pairs)? = header else { return bytes }
    let entries = JSONValue.object(pairs.filter { $0.key != "__metadata__" })
    return Data(entries.compact.utf8) + bytes.dropFirst(8 + length)
  }
}

/// Fails with the files that differ between two run directories.
func expectSameRun(
  _ first: String, _ second: String, mask: RunFiles.Mask = .times,
  _ location: SourceLocation = #_sourceLocation
) throws {
  let differences = RunFiles.differences(
    try RunFiles(first, mask: mask), try RunFiles(second, mask: mask))
  #expect(
    differences.isEmpty, "\(differences.joined(separator: "\n"))", sourceLocation: location)
}
