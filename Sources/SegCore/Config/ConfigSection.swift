/// A cursor on one object of the configuration; reading a key declares it.
///
/// Every reader takes the key, its default, the values it may have and a sentence of help. From that one
/// declaration come the decoded value, the problems found, the unknown keys, the resolved document and
/// the JSON Schema. After a problem decoding goes on with the default, to find the others.
public final class ConfigSection {
  let context: ConfigContext
  /// Dotted path, empty at the top.
  public let path: String
  /// The path without array indexes.
  let outlinePath: String
  private let place: JSONPlace
  private let order: [JSONNode.Member]
  private let members: [String: JSONNode.Member]
  /// Records declarations only: for the schema, and behind a value that is not an object.
  let isSilent: Bool
  var entries: [ConfigEntry] = []
  /// The choice made by `type`, with what the other choices would have declared.
  var variants: ConfigVariants?
  /// Keys that are accepted and mean nothing (`$schema`).
  var ignoredKeys: [String] = []
  /// Keys of which one has to be given.
  var alternatives: [String] = []
  private var aliases: [(key: String, value: String)] = []

  /// - Parameter node: an object, or `nil` for a section that is absent and made of defaults.
  init(
    _ context: ConfigContext, path: String, outlinePath: String, node: JSONNode?,
    at place: JSONPlace,
    isSilent: Bool = false
  ) {
    self.context = context
    self.path = path
    self.outlinePath = outlinePath
    self.place = place
    self.isSilent = isSilent
    if case .object(let list)? = node?.kind { order = list } else { order = [] }
    members = Dictionary(order.map { ($0.key, $0) }) { first, _ in first }
  }

  /// Runs declarations on an empty object, reporting nothing.
  static func record<T>(_ body: (ConfigSection) -> T) -> ConfigSection {
    let section = ConfigSection(
      ConfigContext(), path: "", outlinePath: "", node: nil, at: JSONPlace(offset: 0),
      isSilent: true)
    _ = body(section)
    return section
  }

  /// Whether the configuration gives `key`, be it null.
  public func has(_ key: String) -> Bool { members[key] != nil }

  /// Reads a key of any type.
  ///
  /// - Parameter fallback: the value when the key is absent; `nil` makes the key required.
  public func value<T>(
    _ key: String, _ type: ConfigType<T>, default fallback: T?, _ help: String
  ) -> T {
    let written = members[key]
    var value = fallback ?? type.placeholder
    if let written {
      let cursor = self.cursor(key, written.value)
      value = cursor.read(type) ?? value
    } else if fallback == nil {
      reportMissing(key, type.expected, help)
    }
    var schema = type.schema
    if let fallback { schema.append(("default", type.encode(fallback))) }
    declare(
      ConfigEntry(
        key: key, schema: schema, help: help, isRequired: fallback == nil,
        resolved: type.encode(value)))
    return value
  }

  /// Accepts a key that has no meaning for the run and is not part of the resolved document.
  public func ignored(_ key: String) { ignoredKeys.append(key) }

  /// Names other programs give to keys of this section, for the hint at an unknown key.
  public func aliases(_ names: KeyValuePairs<String, String>) { aliases += names.map { $0 } }

  /// Reports a problem at `key`, or at the section where the key is absent.
  public func problem(_ key: String, _ text: String, hint: String? = nil) {
    guard !isSilent else { return }
    context.problems.append(
      ConfigProblem(
        place: members[key]?.keyPlace ?? place, path: MessageText.join(path, key), text: text,
        hint: hint))
  }

  /// Reports a problem between sections at a path below this one, or at the nearest key above it that is written.
  public func problem(at below: String, _ text: String, hint: String? = nil) {
    guard !isSilent else { return }
    var place = place
    var kind = JSONNode.Kind.object(order)
    for key in below.split(separator: ".") {
      if case .object(let members) = kind, let member = members.first(where: { $0.key == key }) {
        (place, kind) = (member.keyPlace, member.value.kind)
      } else if case .array(let items) = kind, let index = Int(key), items.indices.contains(index) {
        (place, kind) = (items[index].place, items[index].kind)
      } else {
        break
      }
    }
    let path = path.isEmpty ? below : "\(path).\(below)"
    context.problems.append(ConfigProblem(place: place, path: path, text: text, hint: hint))
  }

  /// Whether no problem was reported so far at, above or below these paths: their values can be compared.
  public func isSound(_ paths: String...) -> Bool {
    guard !isSilent else { return false }
    return !context.problems.contains { problem in
      paths.contains { below in
        let path = path.isEmpty ? below : "\(path).\(below)"
        return problem.path == path || problem.path.hasPrefix(path + ".")
          || path.hasPrefix(problem.path + ".")
      }
    }
  }

  /// All keys in the order of their declaration, defaults filled in.
  public var resolved: JSONValue {
    .object(entries.map { (key: $0.key, value: $0.resolved) })
  }

  // MARK: For the other readers

  func member(_ key: String) -> JSONNode? { members[key]?.value }

  func cursor(_ key: String, _ node: JSONNode) -> ConfigValue {
    ConfigValue(
      context: context, path: MessageText.join(path, key), node: node, isSilent: isSilent)
  }

  func declare(_ entry: ConfigEntry) {
    precondition(
      !entries.contains { $0.key == entry.key }, "\(path): key \(entry.key) is declared twice")
    entries.append(entry)
    context.outline.append((outlinePath, entry.key))
  }

  func reportMissing(_ key: String, _ expected: String, _ help: String) {
    problem(key, "expected \(expected), found nothing", hint: "\"\(key)\" is required: \(help)")
  }

  /// A section below this one: of an object, of nothing, or (silently) of something that is no object.
  func child(_ key: String, index: Int? = nil, _ node: JSONNode?) -> ConfigSection {
    var isObject = true
    if let node, case .object = node.kind {} else { isObject = node == nil }
    let keyPath = MessageText.join(path, key)
    return ConfigSection(
      context, path: index.map { "\(keyPath).\($0)" } ?? keyPath,
      outlinePath: MessageText.join(outlinePath, key), node: node,
      at: node?.place ?? place, isSilent: isSilent || !isObject)
  }

  /// Reports the keys nobody declared.
  func finish() {
    guard !isSilent else { return }
    let own = entries.map(\.key)
    guard order.contains(where: { !own.contains($0.key) && !ignoredKeys.contains($0.key) }) else {
      return
    }
    let others = variants?.others() ?? []
    let choice = variants.flatMap { made in made.chosen.map { (key: made.key, kind: $0) } }
    let known = own + (choice == nil ? others.flatMap(\.keys) : [])
    for member in order where !known.contains(member.key) && !ignoredKeys.contains(member.key) {
      let owners = others.filter { $0.keys.contains(member.key) }.map(\.name)
      context.strays.append(
        ConfigContext.Stray(
          place: member.keyPlace, section: path, outlineSection: outlinePath, key: member.key,
          alias: aliases.first { $0.key == member.key }?.value, known: known, choice: choice,
          owners: owners))
    }
  }
}

/// One declared key.
struct ConfigEntry {
  var key: String
  var schema: [(key: String, value: JSONValue)]
  var help: String
  var isRequired: Bool
  var resolved: JSONValue
}
