/// `--set a.b=value`.
extension ConfigDocument {
  /// Lays one override over the document.
  ///
  /// The value is JSON where it can be read as such, text otherwise. Numbers in the path are indexes where
  /// the document has an array (`loss.terms.0.weight=2`). Objects on the way are made where they are absent
  /// or null; whether their keys exist is checked on decoding, as for the file.
  mutating func apply(_ override: String) {
    let source = sources.count
    let place = JSONPlace(source: source, offset: 0)
    guard let equals = override.firstIndex(of: "=") else {
      let shown = MessageText.shortened(override)
      sources.append(ConfigSource(text: JSONText(name: "", bytes: []), override: shown))
      problems.append(
        ConfigProblem(
          place: place, path: "", text: "expected a.b=value, found no \"=\"",
          hint: "for example --set optimizer.lr=0.01"))
      return
    }
    let path = String(override[..<equals])
    let written = String(override[override.index(after: equals)...])
    let text = JSONText(name: "", bytes: Array(written.utf8))
    let (root, faults) = JSONParser.parse(text, source: source, dialect: .commented)
    var value = JSONNode(.string(written), place: place, end: text.bytes.count)
    if let root, faults.isEmpty { value = root }
    sources.append(
      ConfigSource(
        text: text, override: MessageText.shortened(path),
        note: faults.first.flatMap { Self.note(on: $0, in: written) }))

    let components = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let complaint: String? =
      if components.contains("") {
        "expected keys joined by dots, found \(MessageText.quoted(path))"
      } else if components.count > JSONDialect.commented.depth {
        "expected at most \(JSONDialect.commented.depth) keys, found \(components.count)"
      } else {
        Self.set(components[...], of: &self.root, to: value, at: place, parent: "")
      }
    if let complaint {
      problems.append(ConfigProblem(place: place, path: "", text: complaint))
    }
  }

  /// Why a value that begins like JSON was taken as text.
  private static func note(on fault: JSONFault, in written: String) -> String? {
    guard let first = written.utf8.first, "{[\"0123456789-+.".utf8.contains(first) else {
      return nil
    }
    let advice = fault.hint.map { " (\($0))" } ?? ""
    return "not JSON, so taken as text: \(fault.problem)\(advice)"
  }

  /// - Returns: what is wrong with the path, if anything.
  private static func set(
    _ path: ArraySlice<String>, of node: inout JSONNode, to value: JSONNode, at place: JSONPlace,
    parent: String
  ) -> String? {
    guard let key = path.first else {
      node = value
      return nil
    }
    let rest = path.dropFirst()
    let name = MessageText.join(parent, key)
    if case .null = node.kind { node = JSONNode(.object([]), place: place, end: place.offset) }
    switch node.kind {
    case .object(var members):
      let index = members.firstIndex { $0.key == key } ?? members.count
      if index == members.count {
        let empty = JSONNode(.object([]), place: place, end: place.offset)
        members.append(JSONNode.Member(key: key, keyPlace: place, value: empty))
      }
      if rest.isEmpty { members[index].keyPlace = place }
      let complaint = set(rest, of: &members[index].value, to: value, at: place, parent: name)
      node.kind = .object(members)
      return complaint
    case .array(var items):
      guard let index = Int(key), items.indices.contains(index) else {
        let indexes = items.isEmpty ? "no index: it is empty" : "an index in 0...\(items.count - 1)"
        return "expected \(indexes) after \"\(parent)\", found \(MessageText.quoted(key))"
      }
      let complaint = set(rest, of: &items[index], to: value, at: place, parent: name)
      node.kind = .array(items)
      return complaint
    default:
      let shown = MessageText.shortened(node.value.compact)
      return "expected an object or an array at \"\(parent)\", found \(shown)"
    }
  }
}
