/// An object inside a configuration, kept as it was written to be laid over another configuration.
///
/// Its values remember their places, so a mistake in them is reported where they stand.
public struct ConfigFragment: Sendable {
  let node: JSONNode
  let sources: [ConfigSource]

  /// The object without its places.
  public var value: JSONValue { node.value }
}

extension ConfigType where T == ConfigFragment {
  /// Any object; what its keys mean is checked where it is used.
  public static var fragment: Self {
    Self(
      expected: "an object", schema: ["type": .string("object")],
      placeholder: ConfigFragment(
        node: JSONNode(.object([]), place: JSONPlace(offset: 0), end: 0), sources: []),
      decode: { value in
        guard case .object = value.kind else { return nil }
        return ConfigFragment(node: value.node, sources: value.context.sources)
      },
      encode: \.value)
  }
}

extension ConfigDocument {
  /// A document that consists of one fragment.
  public init(_ fragment: ConfigFragment) {
    root = fragment.node
    sources = fragment.sources
  }

  /// Lays a fragment over the document: objects are merged key by key, everything else is replaced whole,
  /// arrays included. An object of another `type` replaces the old one, whose keys it need not know.
  public mutating func merge(_ fragment: ConfigFragment) {
    let own = sources.count
    sources += fragment.sources
    root = Self.merged(fragment.node.shifted(bySources: own), over: root)
  }

  /// Lays one text `a.b=value` over the document, as `--set` does.
  public mutating func set(_ override: String) { apply(override) }

  private static func merged(_ new: JSONNode, over old: JSONNode) -> JSONNode {
    guard case .object(let additions) = new.kind, case .object(var members) = old.kind,
      !isOfAnotherType(additions, members)
    else { return new }
    for addition in additions {
      if let index = members.firstIndex(where: { $0.key == addition.key }) {
        members[index].keyPlace = addition.keyPlace
        members[index].value = merged(addition.value, over: members[index].value)
      } else {
        members.append(addition)
      }
    }
    var result = old
    result.kind = .object(members)
    return result
  }

  private static func isOfAnotherType(
    _ new: [JSONNode.Member], _ old: [JSONNode.Member]
  ) -> Bool {
    guard let name = new.first(where: { $0.key == "type" })?.value.value,
      let other = old.first(where: { $0.key == "type" })?.value.value
    else { return false }
    return name != other
  }
}

extension JSONNode {
  /// The same node where `count` sources come before its own.
  fileprivate func shifted(bySources count: Int) -> JSONNode {
    var node = self
    node.place.source += count
    switch kind {
    case .array(let items): node.kind = .array(items.map { $0.shifted(bySources: count) })
    case .object(let members):
      node.kind = .object(
        members.map { member in
          var member = member
          member.keyPlace.source += count
          member.value = member.value.shifted(bySources: count)
          return member
        })
    default: break
    }
    return node
  }
}
