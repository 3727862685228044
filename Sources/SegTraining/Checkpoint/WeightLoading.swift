public import SegCore
import SegEngine
public import SegModels

/// What became of a weight file's tensors.
public struct WeightReport: Sendable, Equatable {
  public var file: String
  public var loaded: [String] = []
  /// Wanted, but not in the file.
  public var missing: [String] = []
  /// In the file, but not in the network.
  public var unexpected: [String] = []
  /// Name, shape in the network, shape in the file.
  public var misshapen: [Mismatch] = []
  /// Share of the network's parameters (by element) that were loaded, 0 to 1.
  public var share = 0.0

  public struct Mismatch: Sendable, Equatable {
    public var name: String
    public var expected, found: Shape
  }

  /// One screen at most: counts, and the first names of each kind with the nearest known name.
  public var text: String {
    var lines = [
      "\(file): \(loaded.count) tensors loaded, \(Self.percent(share)) of the parameters"
    ]
    lines += Self.list(
      "missing in the file", missing.map { ($0, NearestKey.find($0, in: unexpected)) })
    lines += Self.list(
      "not in the network", unexpected.map { ($0, NearestKey.find($0, in: missing)) })
    lines += Self.list(
      "of another shape",
      misshapen.map { ("\($0.name): \($0.expected) here, \($0.found) in the file", nil) })
    return lines.joined(separator: "\n")
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }

  private static func list(_ title: String, _ names: [(String, String?)]) -> [String] {
    guard !names.isEmpty else { return [] }
    let shown = names.prefix(10).map { name, near in
      "    \(name)" + (near.map { " (nearest: \($0))" } ?? "")
    }
    let rest = names.count > 10 ? ["    … and \(names.count - 10) more"] : []
    return ["  \(names.count) \(title):"] + shown + rest
  }
}

extension Network {
  /// Loads starting weights from a safetensors file.
  ///
  /// `num_batches_tracked` may be absent: files older than PyTorch 0.4.1 have none.
  ///
  /// - Parameter isStart: whether `model.weights` names the file; else it is a whole model of ours.
  /// - Throws: `Failure(.badData)` with the report when `scope` is not satisfied; nothing is loaded then.
  @discardableResult
  public func loadWeights(
    _ path: String, scope: WeightsScope, isStart: Bool = true
  ) throws -> WeightReport {
    let reader = try SafetensorsReader(path)
    let entries = Dictionary(reader.entries.map { ($0.name, $0) }) { first, _ in first }
    let wanted = store.keys.filter { scope != .backbone || $0.name.isUnder("backbone") }
    var report = WeightReport(file: path)
    var loading: [(ParameterStore.Key, SafetensorsHeader.Entry)] = []
    for key in wanted {
      guard let entry = entries[key.name] else {
        if !key.isCounter { report.missing.append(key.name) }
        continue
      }
      if entry.shape == key.filedShape {
        loading.append((key, entry))
      } else {
        report.misshapen.append(.init(name: key.name, expected: key.filedShape, found: entry.shape))
      }
    }
    let known = Set(store.keys.map(\.name))
    report.unexpected = reader.entries.map(\.name).filter { !known.contains($0) }
    report.loaded = loading.map(\.0.name)
    let elements = loading.reduce(0) { sum, item in
      if case .parameter(let parameter) = item.0 { sum + parameter.filedShape.count } else { sum }
    }
    report.share = Double(elements) / Double(max(1, store.parameterCount))

    let complaints: Bool =
      switch scope {
      case .all: !report.missing.isEmpty || !report.unexpected.isEmpty || !report.misshapen.isEmpty
      case .backbone: !report.missing.isEmpty || !report.misshapen.isEmpty
      case .matching: report.loaded.isEmpty
      }
    guard !complaints else {
      guard isStart else {
        throw Failure(
          .badData, path, "the file does not fit the network of its config\n\(report.text)",
          hint: "give the run config it was trained with to --config, without changes to model")
      }
      throw Failure(
        .badData, "model.weights",
        "the file does not fit the network (weights_scope \(scope.rawValue))\n\(report.text)",
        hint: scope == .all
          ? "set model.weights_scope to \"backbone\" or \"matching\" to take a part of it"
          : "check model.architecture and model.backbone")
    }
    for (key, entry) in loading { try ModelFile.load(key, from: entry, reader, into: store) }
    return report
  }
}

extension ParameterStore.Key {
  var filedShape: Shape {
    switch self {
    case .parameter(let parameter): parameter.filedShape
    case .buffer(let buffer): buffer.type.shape
    }
  }

  var isCounter: Bool {
    if case .buffer(let buffer) = self { buffer.type.dtype == .int64 } else { false }
  }
}
