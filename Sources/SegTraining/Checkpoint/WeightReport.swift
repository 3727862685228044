public import SegCore

/// What became of a weight file's tensors.
public struct WeightReport: Sendable, Equatable {
  public var file: String
  public var format = "safetensors"
  /// What was taken off names or left out on the way.
  public var notes: [String] = []
  public var loaded: [String] = []
  /// Wanted, but not in the file.
  public var missing: [String] = []
  /// In the file, but not in the network.
  public var unexpected: [String] = []
  public var misshapen: [Mismatch] = []
  /// Of a classifier for other classes, left at their random start because that was asked for.
  public var reset: [Mismatch] = []
  /// Share of the network's parameters (by element) that were loaded, 0 to 1.
  public var share = 0.0

  public struct Mismatch: Sendable, Equatable {
    public var name: String
    /// Shape in the network and in the file.
    public var expected, found: Shape
  }

  public init(file: String) { self.file = file }

  /// One screen at most: counts, and the first names of each kind with the nearest known name.
  public var text: String {
    var lines = [
      "\(file) (\(format)): \(loaded.count) tensors loaded, \(Self.percent(share)) of the parameters"
    ]
    lines += notes.map { "  \($0)" }
    lines += Self.list(
      "missing in the file", missing.map { ($0, NearestKey.find($0, in: unexpected)) })
    lines += Self.list(
      "not in the network", unexpected.map { ($0, NearestKey.find($0, in: missing)) })
    lines += Self.list("of another shape", misshapen.map(Self.shapes))
    lines += Self.list("for other classes, start from random values", reset.map(Self.shapes))
    return lines.joined(separator: "\n")
  }

  private static func shapes(_ mismatch: Mismatch) -> (String, String?) {
    ("\(mismatch.name): \(mismatch.expected) here, \(mismatch.found) in the file", nil)
  }

  private static func percent(_ share: Double) -> String {
    // Rounded down: 100 % is to mean all.
    let tenths = Int(share * 1000)
    return "\(tenths / 10).\(tenths % 10) %"
  }

  /// A name may hold anything, also what would move a terminal's cursor.
  static func plain(_ name: String) -> String {
    let isPlain = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    return isPlain ? name : JSONValue.string(name).compact
  }

  private static func list(_ title: String, _ names: [(String, String?)]) -> [String] {
    guard !names.isEmpty else { return [] }
    let shown = names.prefix(10).map { name, near in
      "    \(plain(name))" + (near.map { " (nearest: \(plain($0)))" } ?? "")
    }
    let rest = names.count > 10 ? ["    … and \(names.count - 10) more"] : []
    return ["  \(names.count) \(title):"] + shown + rest
  }
}
