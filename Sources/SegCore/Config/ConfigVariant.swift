/// One kind of a thing that is chosen by name (`"type": "sgd"`), with the declarations of its keys.
public struct ConfigVariant<Value>: Sendable {
  public let name: String
  public let help: String
  let decode: @Sendable (ConfigSection) -> Value

  public init(
    _ name: String, _ help: String, _ decode: @escaping @Sendable (ConfigSection) -> Value
  ) {
    self.name = name
    self.help = help
    self.decode = decode
  }
}

/// The configuration of one kind in a table of kinds: a name, a meaning and its own keys.
public protocol ConfigKind: Sendable, Equatable {
  /// The word that chooses it, e.g. `sgd`.
  static var name: String { get }
  static var help: String { get }
  /// Reads the kind's own keys from the section that also holds the choosing word.
  init(_ section: ConfigSection)
}

extension ConfigKind {
  /// Equality where only `any ConfigKind` is known: same kind, same values.
  public func isEqual(to other: any ConfigKind) -> Bool { (other as? Self) == self }
}

extension ConfigVariant {
  /// A line in a table of kinds: `ConfigVariant(SGDConfig.self) { $0 }`.
  public init<Kind: ConfigKind>(
    _ kind: Kind.Type, _ widen: @escaping @Sendable (Kind) -> Value
  ) {
    self.init(Kind.name, Kind.help) { widen(Kind($0)) }
  }
}

/// What a section's choice by name declared, and would have declared otherwise.
struct ConfigVariants {
  /// The key that chooses.
  var key: String
  /// How many entries were declared before the kind's own.
  var index: Int
  /// `nil` when the name was missing or wrong.
  var chosen: String?
  /// In recording, all kinds; in decoding, those not chosen, which only messages ask for.
  var others: () -> [Recorded]
  var help: [(name: String, help: String)]
  var fallback: String?

  struct Recorded {
    var name: String
    var entries: [ConfigEntry]
    var keys: [String] { entries.map(\.key) }
  }
}

extension ConfigSection {
  /// Reads `key` as the name of one of `kinds`, then the keys of that kind from this section.
  ///
  /// - Parameter kinds: at least one; the table where a new kind is one line.
  public func variant<Value>(
    _ key: String = "type", default fallback: String? = nil, among kinds: [ConfigVariant<Value>],
    _ help: String
  ) -> Value {
    precondition(!kinds.isEmpty, "\(path): no kinds to choose from")
    precondition(variants == nil, "\(path): a section makes one choice")
    let names = kinds.map { (name: $0.name, help: $0.help) }
    let before = context.problems.count
    let name = value(key, .word(among: names), default: fallback, help)
    var isKnown = !isSilent && context.problems.count == before
    if case .invalid? = member(key)?.kind { isKnown = false }
    let chosen = isKnown ? kinds.first { $0.name == name } : nil
    // Not the section itself, which keeps what is made here.
    let (context, path, outlinePath) = (self.context, self.path, self.outlinePath)
    func record(_ kind: ConfigVariant<Value>) -> (value: Value, declared: ConfigVariants.Recorded) {
      let trial = ConfigSection(
        context, path: path, outlinePath: outlinePath, node: nil, at: JSONPlace(offset: 0),
        isSilent: true)
      let value = kind.decode(trial)
      return (value, ConfigVariants.Recorded(name: kind.name, entries: trial.entries))
    }
    let rest = kinds.filter { $0.name != chosen?.name }
    let index = entries.count
    // What is recorded is wanted whole and in order; what is decoded, which happens more often, hardly ever.
    let recorded = isSilent ? rest.map(record) : []
    variants = ConfigVariants(
      key: key, index: index, chosen: chosen?.name,
      others: { [isSilent] in (isSilent ? recorded : rest.map(record)).map(\.declared) },
      help: names, fallback: fallback)
    if let chosen { return chosen.decode(self) }
    return recorded.first?.value ?? record(kinds[0]).value
  }
}
