/// Readers of numbers, words and arrays; a default of `nil` makes a key required, and an `optional` key
/// may be null.
extension ConfigSection {
  public func number(
    _ key: String, default fallback: Double? = nil,
    in range: ClosedRange<Double> = -Double.infinity...Double.infinity, _ help: String
  ) -> Double { value(key, .number(in: range), default: fallback, help) }

  public func number(
    _ key: String, default fallback: Double? = nil, in range: Range<Double>, _ help: String
  ) -> Double { value(key, .number(in: range), default: fallback, help) }

  public func optionalNumber(
    _ key: String, default fallback: Double? = nil,
    in range: ClosedRange<Double> = -Double.infinity...Double.infinity, _ help: String
  ) -> Double? {
    value(key, ConfigType<Double>.number(in: range).optional, default: .some(fallback), help)
  }

  public func int(
    _ key: String, default fallback: Int? = nil, in range: ClosedRange<Int> = Int.min...Int.max,
    _ help: String
  ) -> Int { value(key, .int(in: range), default: fallback, help) }

  public func optionalNumber(
    _ key: String, default fallback: Double? = nil, in range: Range<Double>, _ help: String
  ) -> Double? {
    value(key, ConfigType<Double>.number(in: range).optional, default: .some(fallback), help)
  }

  public func optionalInt(
    _ key: String, default fallback: Int? = nil, in range: ClosedRange<Int> = Int.min...Int.max,
    _ help: String
  ) -> Int? { value(key, ConfigType<Int>.int(in: range).optional, default: .some(fallback), help) }

  public func int(
    _ key: String, default fallback: Int? = nil, among allowed: [Int], _ help: String
  ) -> Int { value(key, .int(among: allowed), default: fallback, help) }

  public func bool(_ key: String, default fallback: Bool? = nil, _ help: String) -> Bool {
    value(key, .bool, default: fallback, help)
  }

  public func string(_ key: String, default fallback: String? = nil, _ help: String) -> String {
    value(key, .string, default: fallback, help)
  }

  public func optionalString(
    _ key: String, default fallback: String? = nil, _ help: String
  ) -> String? { value(key, ConfigType<String>.string.optional, default: .some(fallback), help) }

  public func numbers(
    _ key: String, count: Int, default fallback: [Double]? = nil,
    in range: ClosedRange<Double> = -Double.infinity...Double.infinity, _ help: String
  ) -> [Double] {
    value(
      key, ConfigType<Double>.number(in: range).list(count: count...count), default: fallback, help)
  }

  public func optionalNumbers(
    _ key: String, count: Int, default fallback: [Double]? = nil,
    in range: ClosedRange<Double> = -Double.infinity...Double.infinity, _ help: String
  ) -> [Double]? {
    let type = ConfigType<Double>.number(in: range).list(count: count...count).optional
    return value(key, type, default: .some(fallback), help)
  }

  public func ints(
    _ key: String, count: Int, default fallback: [Int]? = nil,
    in range: ClosedRange<Int> = Int.min...Int.max, _ help: String
  ) -> [Int] {
    value(key, ConfigType<Int>.int(in: range).list(count: count...count), default: fallback, help)
  }

  public func optionalInts(
    _ key: String, count: Int, default fallback: [Int]? = nil,
    in range: ClosedRange<Int> = Int.min...Int.max, _ help: String
  ) -> [Int]? {
    let type = ConfigType<Int>.int(in: range).list(count: count...count).optional
    return value(key, type, default: .some(fallback), help)
  }

  public func strings(
    _ key: String, count: ClosedRange<Int>? = nil, default fallback: [String]? = nil, _ help: String
  ) -> [String] {
    value(key, ConfigType<String>.string.list(count: count), default: fallback, help)
  }

  public func optionalStrings(
    _ key: String, count: ClosedRange<Int>? = nil, default fallback: [String]? = nil, _ help: String
  ) -> [String]? {
    value(
      key, ConfigType<String>.string.list(count: count).optional, default: .some(fallback), help)
  }
}

extension ConfigSection {
  /// Reports unless one of two optional keys, both declared before, is given.
  ///
  /// - Parameter hint: what to do when neither is.
  public func exactlyOne(_ first: String, _ second: String, hint: String) {
    alternatives = [first, second]
    switch (isGiven(first), isGiven(second)) {
    case (true, true):
      let name = path.isEmpty ? first : "\(path).\(first)"
      problem(
        second, "expected either \(first) or \(second), found both",
        hint: "remove one of them; on the command line --set \(name)=null")
    case (false, false):
      problem(first, "expected \(first) or \(second), found neither", hint: hint)
    default: break
    }
  }

  private func isGiven(_ key: String) -> Bool {
    if case .null? = member(key)?.kind { false } else { member(key) != nil }
  }
}

/// Words a key chooses from, each with its meaning; the raw value is the word.
public protocol ConfigChoice: RawRepresentable, CaseIterable, Sendable where RawValue == String {
  var help: String { get }
}

extension ConfigSection {
  /// One of the cases of `C`.
  ///
  /// - Parameter allowed: the cases accepted here, all when `nil`.
  public func choice<C: ConfigChoice>(
    _ key: String, among allowed: [C]? = nil, default fallback: C? = nil, _ help: String
  ) -> C {
    value(key, .choice(among: allowed ?? Array(C.allCases)), default: fallback, help)
  }
}

extension ConfigType where T: ConfigChoice {
  /// The raw values of `cases`, at least one.
  public static func choice(among cases: [T]) -> ConfigType {
    let words = ConfigType<String>.word(among: cases.map { ($0.rawValue, $0.help) })
    var type = ConfigType(
      expected: words.expected, schema: [:], placeholder: cases[0],
      decode: { words.decode($0).flatMap(T.init(rawValue:)) },
      encode: { .string($0.rawValue) })
    type.schema = words.schema
    return type
  }
}
