/// JSON Schema (draft 2020-12) from the same declarations that decode.
extension ConfigSection {
  /// The schema of a whole document.
  public static func schema<T>(
    title: String, _ body: (ConfigSection) -> T
  ) -> JSONValue {
    let section = record(body)
    var pairs: [(key: String, value: JSONValue)] = [
      ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
      ("title", .string(title)),
    ]
    pairs += section.schema
    return .object(pairs)
  }

  /// Whether the section cannot be left out.
  var hasRequiredKeys: Bool {
    let kind = variants?.others.first { $0.name == variants?.fallback }
    return entries.contains(where: \.isRequired)
      || kind?.entries.contains(where: \.isRequired) == true
  }

  /// Keywords for this section; a choice by name is a `oneOf` with a constant in each branch.
  var schema: [(key: String, value: JSONValue)] {
    guard let variants else { return Self.object(entries, ignoredKeys) }
    let branches = variants.others.map { kind in
      var all = entries
      all.insert(contentsOf: kind.entries, at: variants.index)
      if let index = all.firstIndex(where: { $0.key == variants.key }) {
        all[index].isRequired = kind.name != variants.fallback
        all[index].schema = [("const", .string(kind.name))]
      }
      let help = variants.help.first { $0.name == kind.name }?.help ?? ""
      return JSONValue.object([("description", .string(help))] + Self.object(all, ignoredKeys))
    }
    return [("oneOf", .array(branches))]
  }

  private static func object(
    _ entries: [ConfigEntry], _ ignored: [String]
  ) -> [(key: String, value: JSONValue)] {
    var properties = entries.map { entry in
      (
        key: entry.key,
        value: JSONValue.object([("description", .string(entry.help))] + entry.schema)
      )
    }
    properties += ignored.map { (key: $0, value: JSONValue.bool(true)) }
    let required = entries.filter(\.isRequired).map { JSONValue.string($0.key) }
    var pairs: [(key: String, value: JSONValue)] = [
      ("type", .string("object")), ("additionalProperties", .bool(false)),
      ("properties", .object(properties)),
    ]
    if !required.isEmpty { pairs.append(("required", .array(required))) }
    return pairs
  }
}
