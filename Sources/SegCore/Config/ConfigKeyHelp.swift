/// What a declaration says of one key, for help texts.
public struct ConfigKeyHelp: Sendable {
  public var key: String
  public var help: String
  /// The values it may have, e.g. `"a" or "b"`, `a number in 0...1`.
  public var values: String
  /// `nil` for a key that has to be given.
  public var fallback: JSONValue?

  init(_ entry: ConfigEntry) {
    key = entry.key
    help = entry.help
    values = Self.values(entry.schema)
    fallback = entry.schema.last { $0.key == "default" }?.value
  }

  /// A schema's keywords in words.
  private static func values(_ schema: [(key: String, value: JSONValue)]) -> String {
    func keyword(_ name: String) -> JSONValue? { schema.first { $0.key == name }?.value }
    func list(_ items: [JSONValue]) -> String {
      MessageText.alternatives(items.map(\.compact))
    }
    if case .array(let items)? = keyword("enum") { return list(items) }
    if let constant = keyword("const") { return constant.compact }
    if case .array(let kinds)? = keyword("anyOf") {
      return MessageText.alternatives(
        kinds.map { if case .object(let pairs) = $0 { values(pairs) } else { $0.compact } })
    }
    var types: [String] = []
    switch keyword("type") {
    case .string(let type)?: types = [type]
    case .array(let items)?:
      types = items.compactMap { if case .string(let type) = $0 { type } else { nil } }
    default: break
    }
    let words = types.map { type in
      switch type {
      case "number": "a number" + range(keyword)
      case "integer": "an integer" + range(keyword)
      case "boolean": "true or false"
      case "array": "an array"
      case "object": "an object"
      default: type
      }
    }
    return MessageText.alternatives(words)
  }

  private static func range(_ keyword: (String) -> JSONValue?) -> String {
    let low = keyword("minimum")?.compact
    if let high = keyword("maximum")?.compact {
      return low.map { " in \($0)...\(high)" } ?? " of at most \(high)"
    }
    if let high = keyword("exclusiveMaximum")?.compact {
      return low.map { " in \($0)..<\(high)" } ?? " below \(high)"
    }
    return low.map { " of at least \($0)" } ?? ""
  }
}

extension ConfigVariant {
  /// The keys of this kind, in the order of their declaration.
  public var keys: [ConfigKeyHelp] {
    ConfigSection.record(decode).entries.map { ConfigKeyHelp($0) }
  }
}
