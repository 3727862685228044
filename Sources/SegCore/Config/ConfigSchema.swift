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

  /// The schema of an object with these declarations, for use inside a `ConfigType`.
  public static func schema<T>(of body: (ConfigSection) -> T) -> JSONValue {
    .object(record(body).schema)
  }

  /// Whether the section cannot be left out.
  var hasRequiredKeys: Bool {
    let kind = variants?.others().first { $0.name == variants?.fallback }
    return !alternatives.isEmpty || entries.contains(where: \.isRequired)
      || kind?.entries.contains(where: \.isRequired) == true
  }

  /// Keywords for this section; a choice by name is a `oneOf` with a constant in each branch.
  var schema: [(key: String, value: JSONValue)] {
    guard let variants else {
      var pairs = Self.object(entries, ignoredKeys)
      if !alternatives.isEmpty { pairs.append(("oneOf", .array(alternatives.map(Self.gives)))) }
      return pairs
    }
    let branches = variants.others().map { kind in
      var all = entries
      all.insert(contentsOf: kind.entries, at: variants.index)
      if let index = all.firstIndex(where: { $0.key == variants.key }) {
        all[index].isRequired = kind.name != variants.fallback
        all[index].schema = [("const", .string(kind.name))]
      }
      let help = variants.help.first { $0.name == kind.name }?.help ?? ""
      let description = help.isEmpty ? [] : [(key: "description", value: JSONValue.string(help))]
      return JSONValue.object(description + Self.object(all, ignoredKeys))
    }
    return [("oneOf", .array(branches))]
  }

  /// Documents that have `key`, and not null.
  private static func gives(_ key: String) -> JSONValue {
    let isNull = JSONValue.fields(["type": .string("null")])
    return .fields([
      "required": .array([.string(key)]),
      "properties": .object([(key, .fields(["not": isNull]))]),
    ])
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
