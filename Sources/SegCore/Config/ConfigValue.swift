/// A cursor on one value: what it is, and how to complain about it.
public struct ConfigValue {
  let context: ConfigContext
  /// Dotted path of the value.
  public let path: String
  let node: JSONNode
  let isSilent: Bool

  public var kind: JSONNode.Kind { node.kind }

  /// Reports `expected …, found …` at the value.
  public func reject(_ expected: String, hint: String? = nil) {
    guard case .invalid = node.kind else {
      let isWhole = node.place.offset == 0 && node.end == source?.text.bytes.count
      problem("expected \(expected), found \(found)", hint: hint ?? (isWhole ? source?.note : nil))
      return
    }
  }

  /// Reports something else that is wrong with the value.
  public func problem(_ text: String, hint: String? = nil) {
    guard !isSilent else { return }
    context.problems.append(ConfigProblem(place: node.place, path: path, text: text, hint: hint))
  }

  /// Element `index` or the value of `key` below this value.
  func child(_ key: String, _ node: JSONNode) -> ConfigValue {
    ConfigValue(
      context: context, path: MessageText.join(path, key), node: node, isSilent: isSilent)
  }

  /// Reads the value by `type`; `nil` after a problem has been reported.
  public func read<T>(_ type: ConfigType<T>) -> T? {
    let before = context.problems.count
    if let value = type.decode(self) { return value }
    if context.problems.count == before { reject(type.expected) }
    return nil
  }

  /// Reads an object with declarations of its own; `nil` where this is none.
  public func section<T>(_ body: (ConfigSection) -> T) -> T? {
    guard case .object = node.kind else { return nil }
    let section = ConfigSection(
      context, path: path, outlinePath: path, node: node, at: node.place, isSilent: isSilent)
    let value = body(section)
    section.finish()
    return value
  }

  /// The value as messages show it.
  public var found: String {
    let written = source?.text.slice(node.place.offset..<max(node.place.offset, node.end)) ?? ""
    switch node.kind {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .integer, .number: return MessageText.shortened(written)
    case .string(let text): return MessageText.quoted(text)
    case .array(let items):
      let isShort = written.unicodeScalars.count <= MessageText.limit
      if isShort, !written.isEmpty, !written.contains(where: \.isNewline) { return written }
      return "an array of \(items.count) values"
    case .object: return "an object"
    case .invalid: return "a malformed value"
    }
  }

  private var source: ConfigSource? {
    context.sources.indices.contains(node.place.source) ? context.sources[node.place.source] : nil
  }
}
