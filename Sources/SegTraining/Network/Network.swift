import SegCore
public import SegEngine
public import SegModels
public import SegNN

/// A declared network and the memory of its weights.
public final class Network {
  public let options: ModelOptions
  public let model: SegmentationModel
  public let declarations: Declarations

  public var store: ParameterStore { declarations.store }

  /// Declares the network; no memory is taken yet.
  public init(_ options: ModelOptions) {
    self.options = options
    declarations = Declarations()
    model = SegmentationModel(Scope(declarations), options)
  }

  /// The parameters whose names start with one of `prefixes` (whole components); all of them for `nil`.
  ///
  /// - Throws: `Failure(.badConfig)` when a prefix names nothing.
  public func parameters(under prefixes: [String]?) throws -> [Parameter] {
    guard let prefixes else { return store.parameters }
    for prefix in prefixes where !store.parameters.contains(where: { $0.name.isUnder(prefix) }) {
      let top = Set(store.parameters.map { String($0.name.prefix { $0 != "." }) }).sorted()
      throw Failure(
        .badConfig, "model.train_only", "no parameter's name starts with \"\(prefix)\"",
        hint: "names start with \(top.joined(separator: ", "))")
    }
    return store.parameters.filter { parameter in
      prefixes.contains { parameter.name.isUnder($0) }
    }
  }
}

extension String {
  /// Whether this dotted name lies under `prefix`, counted in whole components.
  func isUnder(_ prefix: String) -> Bool { self == prefix || hasPrefix(prefix + ".") }
}
