/// Readers of objects, arrays of objects and maps.
extension ConfigSection {
  /// An object with declarations of its own; an absent one is an empty one.
  public func section<T>(_ key: String, _ help: String, _ body: (ConfigSection) -> T) -> T {
    let node = member(key)
    if let node, case .object = node.kind {
    } else if let node {
      cursor(key, node).reject("an object")
    }
    let child = child(key, node)
    let value = body(child)
    child.finish()
    declare(
      ConfigEntry(
        key: key, schema: child.schema, help: help, isRequired: child.hasRequiredKeys,
        resolved: child.resolved))
    return value
  }

  /// An object, or `nil` where it is absent or null.
  public func optionalSection<T>(
    _ key: String, _ help: String, _ body: (ConfigSection) -> T
  ) -> T? {
    let node = member(key)
    var isAbsent = node == nil
    if let node {
      switch node.kind {
      case .object: break
      case .null: isAbsent = true
      default: cursor(key, node).reject("an object or null")
      }
    }
    // Silent where absent, so that the schema and the outline know the keys all the same.
    let child =
      isAbsent ? child(key, JSONNode(.null, place: JSONPlace(offset: 0), end: 0)) : child(key, node)
    let value = body(child)
    child.finish()
    let null: JSONValue = .fields(["type": .string("null")])
    declare(
      ConfigEntry(
        key: key, schema: [("anyOf", .array([.object(child.schema), null])), ("default", .null)],
        help: help, isRequired: false, resolved: isAbsent ? .null : child.resolved))
    return isAbsent ? nil : value
  }

  /// An array of objects.
  ///
  /// - Parameter isRequired: where it is not, an absent one is empty.
  public func sections<T>(
    _ key: String, count: ClosedRange<Int>, isRequired: Bool = true, _ help: String,
    _ body: (ConfigSection) -> T
  ) -> [T] {
    let (low, high) = (count.lowerBound, count.upperBound)
    let expected = "an array of \(low) to \(high) objects"
    let sample = child(key, JSONNode(.null, place: JSONPlace(offset: 0), end: 0))
    _ = body(sample)
    var values: [T] = []
    var resolved: [JSONValue] = []
    if let node = member(key) {
      if case .array(let items) = node.kind, count.contains(items.count) {
        for (index, item) in items.enumerated() {
          let child = child(key, index: index, item)
          if case .object = item.kind {
          } else {
            cursor(key, node).child("\(index)", item).reject("an object")
          }
          values.append(body(child))
          child.finish()
          resolved.append(child.resolved)
        }
      } else {
        cursor(key, node).reject(expected)
      }
    } else if isRequired {
      reportMissing(key, expected, help)
    }
    declare(
      ConfigEntry(
        key: key,
        schema: [
          ("type", .string("array")), ("items", .object(sample.schema)),
          ("minItems", .integer(low)), ("maxItems", .integer(high)),
        ], help: help, isRequired: isRequired, resolved: .array(resolved)))
    return values
  }
}

extension ConfigType {
  /// Objects whose keys are free, read as pairs in the order written.
  ///
  /// - Parameters:
  ///   - values: what each key may hold.
  ///   - expectedKey: completes "expected … as a key"; `isKey` decides.
  public static func map<V>(
    of values: ConfigType<V>, expectedKey: String, isKey: @escaping (String) -> Bool
  ) -> Self where T == [(key: String, value: V)] {
    Self(
      expected: "an object of \(expectedKey): \(values.expected)",
      schema: ["type": .string("object"), "additionalProperties": .object(values.schema)],
      placeholder: [],
      decode: { value in
        guard case .object(let members) = value.kind else { return nil }
        var pairs: T = []
        for member in members {
          if !isKey(member.key) {
            var key = value.child(member.key, member.value)
            key = ConfigValue(
              context: key.context, path: key.path,
              node: JSONNode(.null, place: member.keyPlace, end: 0), isSilent: key.isSilent)
            key.problem(
              "expected \(expectedKey) as a key, found \(MessageText.quoted(member.key))")
          }
          if let read = value.child(member.key, member.value).read(values) {
            pairs.append((member.key, read))
          }
        }
        return pairs
      },
      encode: { .object($0.map { (key: $0.key, value: values.encode($0.value)) }) })
  }
}
