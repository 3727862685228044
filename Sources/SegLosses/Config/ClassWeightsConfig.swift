internal import SegCore

/// `class_weights` of a loss term; the counts are those of the training split.
public enum ClassWeightsConfig: Sendable, Equatable {
  /// One over the frequency.
  case inverse
  /// One over the frequency, divided by the mean over the classes.
  case inverseMeanOne
  /// Median frequency over frequency.
  case median
  /// One over the effective number of samples (Cui et al. 2019), summing to the number of classes.
  case effective(beta: Double)
  /// One factor a class, in the order of the class table.
  case values([Double])
}

extension ClassWeightsConfig {
  private static let rules: [(name: String, help: String)] = [
    ("inverse", "1 / frequency"), ("inverse_mean1", "1 / frequency, mean 1"),
    ("median", "median frequency / frequency"), ("effective", "effective number of samples"),
  ]
  private static let defaultBeta = 0.9999

  /// A rule's name, numbers, or an object with a rule and its parameters.
  static var type: ConfigType<ClassWeightsConfig> {
    let numbers = ConfigType<Double>.number(in: 0...1e9).list(count: 1...256)
    let names = rules.map(\.name)
    let expected = names.map { "\"\($0)\"" }.joined(separator: ", ")
    return ConfigType(
      expected: "\(expected), an array of numbers or {\"rule\": ...}",
      schema: [
        "anyOf": .array([
          .fields(["enum": .array(names.map { .string($0) })]), .object(numbers.schema),
          ConfigSection.schema(of: rule),
        ])
      ],
      placeholder: .inverse,
      decode: { value in
        switch value.kind {
        case .string: value.read(.word(among: rules)).flatMap { ClassWeightsConfig(rule: $0) }
        case .array: value.read(numbers).flatMap { Self.checked($0, value) }
        case .object: value.section(rule)
        default: nil
        }
      },
      encode: \.json)
  }

  private static func rule(_ section: ConfigSection) -> ClassWeightsConfig {
    section.variant(
      "rule",
      among: rules.map { rule in
        ConfigVariant(rule.name, rule.help) { section in
          guard rule.name == "effective" else {
            return ClassWeightsConfig(rule: rule.name) ?? .inverse
          }
          let beta = section.value(
            "beta", ConfigType<Double>.number(in: 0..<1), default: defaultBeta,
            "Of the effective number (1 - beta^n) / (1 - beta).")
          return .effective(beta: beta)
        }
      }, "How the weights follow from the pixel counts.")
  }

  private static func checked(_ values: [Double], _ value: ConfigValue) -> ClassWeightsConfig? {
    guard values.contains(where: { $0 > 0 }) else {
      value.reject("at least one weight above 0")
      return nil
    }
    return .values(values)
  }

  private init?(rule: String) {
    switch rule {
    case "inverse": self = .inverse
    case "inverse_mean1": self = .inverseMeanOne
    case "median": self = .median
    case "effective": self = .effective(beta: Self.defaultBeta)
    default: return nil
    }
  }

  private var json: JSONValue {
    switch self {
    case .inverse: .string("inverse")
    case .inverseMeanOne: .string("inverse_mean1")
    case .median: .string("median")
    case .effective(let beta): .fields(["rule": .string("effective"), "beta": .number(beta)])
    case .values(let values): .array(values.map { .number($0) })
    }
  }
}
