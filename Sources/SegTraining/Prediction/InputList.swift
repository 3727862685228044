import Glibc
import SegCore

/// The pictures a user means by paths, folders, globs, or `-` for a list on standard input.
public struct InputList: Sendable {
  public struct Item: Sendable, Equatable {
    public var path: String
    /// Names the outputs.
    public var stem: String
  }

  public private(set) var items: [Item] = []

  static let endings = ["png", "jpg", "jpeg"]

  /// - Parameter standardInput: lines for `-`.
  /// - Throws: `Failure(.inputMissing)` for what is not there, `.usage` for two pictures of one name.
  public init(_ arguments: [String], standardInput: () -> [String]) throws {
    for argument in arguments {
      if argument == "-" {
        for line in standardInput() where !line.isEmpty { try add(line) }
      } else {
        try add(argument)
      }
    }
    var taken: [String: String] = [:]
    for item in items {
      if let other = taken.updateValue(item.path, forKey: item.stem) {
        throw Failure(
          .usage, item.path, "would be written under the same name as \(other)",
          hint: "predict them into two folders")
      }
    }
  }

  private mutating func add(_ argument: String) throws {
    switch FileSystem.kind(of: argument) {
    case .file: append(argument)
    case .directory:
      let names = try FileSystem.entries(of: argument).sorted().filter(Self.isPicture)
      guard !names.isEmpty else {
        throw Failure(
          .inputMissing, argument,
          "the folder holds no picture (\(Self.endings.joined(separator: ", ")))")
      }
      for name in names { append(FilePath.join(argument, name)) }
    case .other: throw Failure(.inputMissing, argument, "is neither a file nor a folder")
    case nil:
      let matches = Self.glob(argument)
      guard !matches.isEmpty else {
        throw Failure(
          .inputMissing, argument, "no such file, and nothing matches it as a pattern")
      }
      for path in matches { append(path) }
    }
  }

  private mutating func append(_ path: String) {
    let name = FilePath.name(of: path)
    let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    items.append(Item(path: path, stem: stem.isEmpty ? name : stem))
  }

  private static func isPicture(_ name: String) -> Bool {
    let lower = name.lowercased()
    return endings.contains { lower.hasSuffix(".\($0)") }
  }

  /// Files that match a shell pattern, sorted.
  private static func glob(_ pattern: String) -> [String] {
    var result = glob_t()
    defer { globfree(&result) }
    guard Glibc.glob(pattern, 0, nil, &result) == 0 else { return [] }
    return (0..<Int(result.gl_pathc)).compactMap { index in
      result.gl_pathv[index].map { String(cString: $0) }
    }.filter { FileSystem.kind(of: $0) == .file }
  }
}
