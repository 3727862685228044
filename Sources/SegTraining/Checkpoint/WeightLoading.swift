import SegCore
import SegEngine
public import SegModels

extension Network {
  /// Loads weights from a file of any format that is read (`openWeightFile`).
  ///
  /// `num_batches_tracked` may be absent: files older than PyTorch 0.4.1 have none. A file of a bare
  /// backbone (`conv1.weight`, `layer1.0…`) is read as `backbone.conv1.weight` and so on.
  ///
  /// - Parameters:
  ///   - resetsClassifier: heads for another number of classes keep their random start instead of being
  ///     an error.
  ///   - isStart: whether `model.weights` names the file; else it is a whole model of ours.
  /// - Throws: `Failure(.badData)` with the report when `scope` is not satisfied; nothing is loaded then.
  @discardableResult
  public func loadWeights(
    _ path: String, scope: WeightsScope, resetsClassifier: Bool = false, isStart: Bool = true
  ) throws -> WeightReport {
    let (report, loading, file) = try matchWeights(path, scope: scope, resetsClassifier)
    let complaints =
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
        hint: hint(report, scope))
    }
    for (key, entry) in loading { try ModelFile.load(key, from: entry, file, into: store) }
    return report
  }

  private typealias Loading = [(ParameterStore.Key, WeightEntry)]

  private func matchWeights(
    _ path: String, scope: WeightsScope, _ resetsClassifier: Bool
  ) throws -> (WeightReport, Loading, any WeightFile) {
    let stateDict = StateDict(try openWeightFile(path))
    var report = WeightReport(file: path)
    report.format = stateDict.file.format
    report.notes = stateDict.notes
    let items = withBackboneNames(stateDict.items, &report)
    let entries = Dictionary(items.map { ($0.name, $0.entry) }) { first, _ in first }
    var loading: Loading = []
    for key in store.keys where scope != .backbone || key.name.isUnder(Self.backbone) {
      guard let entry = entries[key.name] else {
        if !key.isCounter { report.missing.append(key.name) }
        continue
      }
      if key.accepts(entry.shape) {
        loading.append((key, entry))
      } else {
        let mismatch = WeightReport.Mismatch(
          name: key.name, expected: key.filedShape, found: entry.shape)
        if resetsClassifier, isForOtherClasses(mismatch) {
          report.reset.append(mismatch)
        } else {
          report.misshapen.append(mismatch)
        }
      }
    }
    let known = Set(store.keys.map(\.name))
    report.unexpected = items.map(\.name).filter { !known.contains($0) }
    report.loaded = loading.map(\.0.name)
    let elements = loading.reduce(0) { sum, item in
      if case .parameter(let parameter) = item.0 { sum + parameter.filedShape.count } else { sum }
    }
    report.share = Double(elements) / Double(max(1, store.parameterCount))
    return (report, loading, stateDict.file)
  }

  private static let backbone = "backbone"

  /// The names of a classification network as those of the backbone here, where the file holds such a one.
  private func withBackboneNames(
    _ items: [StateDict.Item], _ report: inout WeightReport
  ) -> [StateDict.Item] {
    guard !items.contains(where: { $0.name.isUnder(Self.backbone) }) else { return items }
    let known = Set(store.keys.map(\.name))
    let renamed = items.map { item in
      var renamed = item
      renamed.name = "\(Self.backbone).\(item.name)"
      return known.contains(renamed.name) ? renamed : item
    }
    let count = zip(items, renamed).filter { $0.name != $1.name }.count
    // One or two would be chance.
    guard count > items.count / 2 else { return items }
    report.notes.append("a bare backbone: \(count) names are read as \"\(Self.backbone).…\"")
    return renamed
  }

  /// Whether only the number of classes differs.
  private func isForOtherClasses(_ mismatch: WeightReport.Mismatch) -> Bool {
    let isHead = ["classifier", "aux_classifier"].contains { mismatch.name.isUnder($0) }
    let (here, there) = (mismatch.expected.dims, mismatch.found.dims)
    return isHead && here.first == options.classes && here.count == there.count
      && here.dropFirst() == there.dropFirst()
  }

  private func hint(_ report: WeightReport, _ scope: WeightsScope) -> String {
    guard scope == .all else { return "check model.architecture and model.backbone" }
    if report.missing.isEmpty, report.misshapen.allSatisfy(isForOtherClasses) {
      if report.unexpected.isEmpty {
        return
          "the classifier is for other classes: set model.reset_classifier to true to start it anew"
      }
      if report.misshapen.isEmpty, report.unexpected.allSatisfy({ $0.isUnder("aux_classifier") }) {
        return "the file has an auxiliary head: set model.aux_head to true, "
          + "or model.weights_scope to \"matching\" to leave it out"
      }
    }
    return "set model.weights_scope to \"backbone\" or \"matching\" to take a part of it"
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

  /// A counter may be a scalar or a list of one, as some converters have it.
  func accepts(_ shape: Shape) -> Bool { shape == filedShape || isCounter && shape == [1] }
}
