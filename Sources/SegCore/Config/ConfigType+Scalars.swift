extension ConfigType where T == Double {
  /// Finite numbers from `range`; an end at infinity is open.
  public static func number(in range: ClosedRange<Double> = -Double.infinity...Double.infinity)
    -> Self
  {
    let (low, high) = (range.lowerBound, range.upperBound)
    return number(low, high, range.contains, upTo: "...", "maximum")
  }

  /// Finite numbers from `range`, its upper end left out.
  public static func number(in range: Range<Double>) -> Self {
    number(range.lowerBound, range.upperBound, range.contains, upTo: "..<", "exclusiveMaximum")
  }

  private static func number(
    _ low: Double, _ high: Double, _ contains: @escaping (Double) -> Bool, upTo: String,
    _ maximum: String
  ) -> Self {
    let (lowText, highText) = (MessageText.number(low), MessageText.number(high))
    let bounds =
      switch (low.isFinite, high.isFinite) {
      case (true, true): " in \(lowText)\(upTo)\(highText)"
      case (true, false): " of at least \(lowText)"
      case (false, true): " \(upTo == "..." ? "of at most" : "below") \(highText)"
      case (false, false): ""
      }
    var type = Self(
      expected: "a number\(bounds)", schema: ["type": .string("number")],
      placeholder: low.isFinite ? low : high.isFinite ? high : 0,
      decode: { value in
        switch value.kind {
        case .integer(let whole) where contains(Double(whole)): Double(whole)
        case .number(let number) where contains(number): number
        default: nil
        }
      },
      encode: { .number($0) })
    if low.isFinite { type.schema.append(("minimum", .number(low))) }
    if high.isFinite { type.schema.append((maximum, .number(high))) }
    return type
  }
}

extension ConfigType where T == Int {
  /// Whole numbers from `range`; an end at `Int.min` or `Int.max` is open.
  public static func int(in range: ClosedRange<Int> = Int.min...Int.max) -> Self {
    let (low, high) = (range.lowerBound, range.upperBound)
    let bounds =
      switch (low > Int.min, high < Int.max) {
      case (true, true): " in \(low)...\(high)"
      case (true, false): " of at least \(low)"
      case (false, true): " of at most \(high)"
      case (false, false): ""
      }
    var type = Self(
      expected: "an integer\(bounds)", schema: ["type": .string("integer")],
      placeholder: low > Int.min ? low : high < Int.max ? high : 0,
      decode: { value in
        if case .integer(let whole) = value.kind, range.contains(whole) { whole } else { nil }
      },
      encode: { .integer($0) })
    if low > Int.min { type.schema.append(("minimum", .integer(low))) }
    if high < Int.max { type.schema.append(("maximum", .integer(high))) }
    return type
  }

  /// One of a few whole numbers.
  public static func int(among allowed: [Int]) -> Self {
    Self(
      expected: MessageText.alternatives(allowed.map(String.init)),
      schema: ["enum": .array(allowed.map { .integer($0) })], placeholder: allowed.first ?? 0,
      decode: { value in
        if case .integer(let whole) = value.kind, allowed.contains(whole) { whole } else { nil }
      },
      encode: { .integer($0) })
  }
}

extension ConfigType where T == Bool {
  public static var bool: Self {
    Self(
      expected: "true or false", schema: ["type": .string("boolean")], placeholder: false,
      decode: { if case .bool(let value) = $0.kind { value } else { nil } },
      encode: { .bool($0) })
  }
}

extension ConfigType where T == String {
  /// Text that is not empty.
  public static var string: Self {
    Self(
      expected: "text", schema: ["type": .string("string"), "minLength": .integer(1)],
      placeholder: "",
      decode: { if case .string(let text) = $0.kind, !text.isEmpty { text } else { nil } },
      encode: { .string($0) })
  }

  /// One of a few words.
  ///
  /// - Parameter allowed: the words, each with its meaning.
  public static func word(among allowed: [(name: String, help: String)]) -> Self {
    let names = allowed.map(\.name)
    let expected = MessageText.alternatives(names.map { "\"\($0)\"" })
    var type = Self(
      expected: expected,
      schema: ["enum": .array(names.map { .string($0) })], placeholder: names.first ?? "",
      decode: { value in
        guard case .string(let word) = value.kind else { return nil }
        if names.contains(word) { return word }
        if let near = NearestKey.find(word, in: names) {
          value.reject(expected, hint: "did you mean \"\(near)\"?")
        }
        return nil
      },
      encode: { .string($0) })
    // Not part of the standard; editors show these beside the words.
    if allowed.contains(where: { !$0.help.isEmpty }) {
      type.schema.append(("enumDescriptions", .array(allowed.map { .string($0.help) })))
    }
    return type
  }
}
