import SegCore
import SegData
import SegTestSupport
import Testing

/// A folder with a tiny data set of street scenes, in which a test runs the program.
final class Workshop {
  let folder: TemporaryFolder

  /// - Parameter counts: scenes of the splits `train` and `val`, 48 pixels wide and 32 high.
  init(train: Int = 6, val: Int = 3) throws {
    folder = try TemporaryFolder()
    try makeStreets(
      root: folder["data"], seed: 5, size: (height: 32, width: 48), counts: (train, val, 0))
  }

  var path: String { folder.path }

  subscript(name: String) -> String { folder[name] }

  /// Writes `config.json`; `changes` are dotted paths and JSON values.
  func configure(_ changes: [(String, String)] = [], name: String = "config.json") throws {
    try AtomicFile.write(Self.config, to: folder[name])
    guard !changes.isEmpty else { return }
    let loaded = try segtrain(["config", "show", "--config", name] + Self.sets(changes))
    try #require(loaded.status == 0, "\(loaded.errors)")
    try AtomicFile.write(loaded.output, to: folder[name])
  }

  /// Options for `changes`.
  static func sets(_ changes: [(String, String)]) -> [String] {
    changes.flatMap { ["--set", "\($0.0)=\($0.1)"] }
  }

  func segtrain(
    _ arguments: [String], input: String = "", limits: String? = nil, limit: Double = 60,
    _ location: SourceLocation = #_sourceLocation
  ) throws -> Finished {
    try Program(arguments, in: path, input: input, limits: limits).wait(limit: limit, location)
  }

  /// `train` into `<name>/run`: reports carry the folder's name, which is then always the same.
  func arguments(_ name: String, _ more: [String] = []) -> [String] {
    ["train", "--config", "config.json", "--run-dir", "\(name)/run"] + more
  }

  func train(
    _ name: String, _ more: [String] = [], limits: String? = nil,
    _ location: SourceLocation = #_sourceLocation
  ) throws -> Finished {
    try segtrain(arguments(name, more), limits: limits, location)
  }

  func exists(_ name: String) -> Bool { FileSystem.kind(of: folder[name]) != nil }

  func text(_ name: String) throws -> String { try InputFile.text(of: folder[name]) }

  func json(_ name: String) throws -> JSONValue {
    try JSONNode.parse(InputFile.contents(of: folder[name]), name: name).value
  }

  /// About a second: two steps on pictures of 48x32.
  static let config = """
    {
      "name": "tiny", "seed": 3,
      "data": {"layout": "streets", "root": "data"},
      "model": {"architecture": "fcn", "backbone": "resnet18"},
      "loss": {"terms": [{"type": "recall"}]},
      "optimizer": {"type": "sgd", "lr": 0.01},
      "training": {"iterations": 2, "batch_size": 2},
      "log": {"interval": 1}
    }

    """
}

extension Finished {
  /// Standard output as one JSON document.
  var json: JSONValue {
    get throws { try JSONNode.parse(Array(output.utf8), name: "standard output").value }
  }
}

extension JSONValue {
  var keys: [String] { if case .object(let pairs) = self { pairs.map(\.key) } else { [] } }
  var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }
  var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  var text: String? { if case .string(let value) = self { value } else { nil } }
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .float(let value): Double(value)
    default: nil
    }
  }
}
