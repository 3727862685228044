/// What values a key may have: how they are named in messages, described in the schema, read and written.
public struct ConfigType<T> {
  /// Completes "expected …".
  public var expected: String
  /// JSON Schema keywords.
  public var schema: [(key: String, value: JSONValue)]
  /// Stands in where decoding goes on after a problem; never leaves a decoding that succeeded.
  public var placeholder: T
  /// `nil` when the value is not of this type; then "expected …, found …" is reported unless
  /// something else was.
  public var decode: (ConfigValue) -> T?
  public var encode: (T) -> JSONValue

  public init(
    expected: String, schema: KeyValuePairs<String, JSONValue>, placeholder: T,
    decode: @escaping (ConfigValue) -> T?, encode: @escaping (T) -> JSONValue
  ) {
    self.expected = expected
    self.schema = schema.map { (key: $0.key, value: $0.value) }
    self.placeholder = placeholder
    self.decode = decode
    self.encode = encode
  }

  /// Arrays and objects, whose names are long.
  private var isCompound: Bool {
    schema.contains {
      $0.key == "type" && ["array", "object"].map(JSONValue.string).contains($0.value)
    }
  }

  /// The same values, or null.
  public var optional: ConfigType<T?> {
    var type = ConfigType<T?>(
      expected: isCompound ? "null or \(expected)" : "\(expected) or null", schema: [:],
      placeholder: nil,
      decode: { value in
        if case .null = value.kind { return .some(nil) }
        return self.decode(value).map { .some($0) }
      },
      encode: { $0.map(self.encode) ?? .null })
    if let index = schema.firstIndex(where: { $0.key == "type" }), schema[index].value.isString,
      !schema.contains(where: { $0.key == "enum" })
    {
      type.schema = schema
      type.schema[index].value = .array([schema[index].value, .string("null")])
    } else {
      type.schema = [("anyOf", .array([.object(schema), .fields(["type": .string("null")])]))]
    }
    return type
  }

  /// Arrays of such values.
  ///
  /// - Parameter count: how many; any number when `nil`.
  public func list(count: ClosedRange<Int>? = nil) -> ConfigType<[T]> {
    let (low, high) = (count?.lowerBound ?? 0, count?.upperBound ?? Int.max)
    let amount: String =
      if low == high { "\(low) values" } else if high < Int.max { "\(low) to \(high) values" } else
      {
        low == 0 ? "any number of values" : "at least \(low) value\(low == 1 ? "" : "s")"
      }
    var type = ConfigType<[T]>(
      expected: "an array of \(amount), each \(expected)", schema: [:],
      placeholder: Array(repeating: placeholder, count: low),
      decode: { value in
        guard case .array(let items) = value.kind, low <= items.count, items.count <= high else {
          return nil
        }
        let read = items.enumerated().map { value.child(String($0), $1).read(self) }
        let good = read.compactMap { $0 }
        return good.count == read.count ? good : nil
      },
      encode: { .array($0.map(self.encode)) })
    type.schema = [("type", .string("array")), ("items", .object(schema))]
    if low > 0 { type.schema.append(("minItems", .integer(low))) }
    if high < Int.max { type.schema.append(("maxItems", .integer(high))) }
    return type
  }
}

extension JSONValue {
  fileprivate var isString: Bool {
    if case .string = self { true } else { false }
  }
}
