internal import SegCore

/// `class_weights` of a loss term: how one factor a class follows from pixel counts.
public struct ClassWeightsConfig: Sendable, Equatable {
  public enum Rule: Sendable, Equatable {
    /// One over the frequency.
    case inverse
    /// One over the frequency, divided by the mean over the classes.
    case inverseMeanOne
    /// Median frequency over frequency.
    case median
    /// One over the effective number of samples (Cui et al. 2019), summing to the number of classes; `nil`: beta is
    /// (N - 1) / N of the N pixels counted, as in both repositories.
    case effective(beta: Double?)
    /// One factor a class, in the order of the class table.
    case values([Double])
  }

  public var rule: Rule
  /// What is counted: the training split (`paper`), or what a repository's code counts.
  public var variant: LossVariant

  public init(_ rule: Rule, variant: LossVariant = .paper) {
    self.rule = rule
    self.variant = variant
  }

  public static let inverse = ClassWeightsConfig(.inverse)
  public static let inverseMeanOne = ClassWeightsConfig(.inverseMeanOne)
  public static let median = ClassWeightsConfig(.median)
  public static func effective(beta: Double?) -> Self { Self(.effective(beta: beta)) }
  public static func values(_ values: [Double]) -> Self { Self(.values(values)) }
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
          ConfigSection.schema(of: ruleSection),
        ])
      ],
      placeholder: .inverse,
      decode: { value in
        switch value.kind {
        case .string:
          value.read(.word(among: rules)).flatMap { name in
            Rule(name, beta: defaultBeta).map { ClassWeightsConfig($0) }
          }
        case .array: value.read(numbers).flatMap { Self.checked($0, value) }
        case .object: value.section(ruleSection)
        default: nil
        }
      },
      encode: \.json)
  }

  private static func ruleSection(_ section: ConfigSection) -> ClassWeightsConfig {
    section.variant(
      "rule",
      among: rules.map { rule in
        ConfigVariant(rule.name, rule.help) { section in
          // Each repository has two rules.
          let code: LossVariant =
            ["median", "effective"].contains(rule.name) ? .recallCode : .schedulingCode
          let variant = section.choice(
            "variant", among: [.paper, code], default: .paper,
            code == .recallCode
              ? "What is counted: \"paper\" the training split, \"recall_code\" the first image of each validation batch."
              : "\"scheduling_code\": mean 1, and none at all where the loss is a single term.")
          guard rule.name == "effective" else {
            return ClassWeightsConfig(Rule(rule.name, beta: nil) ?? .inverse, variant: variant)
          }
          let beta = section.value(
            "beta", ConfigType<Double>.beta,
            default: .some(variant == .paper ? defaultBeta : nil),
            "Of the effective number (1 - beta^n) / (1 - beta); \"auto\": (N - 1) / N of N pixels counted."
          )
          return ClassWeightsConfig(.effective(beta: beta), variant: variant)
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

  /// The rule's word; `nil` for given numbers.
  public var ruleName: String? {
    switch rule {
    case .inverse: "inverse"
    case .inverseMeanOne: "inverse_mean1"
    case .median: "median"
    case .effective: "effective"
    case .values: nil
    }
  }

  private var json: JSONValue {
    if case .values(let values) = rule { return .array(values.map { .number($0) }) }
    var fields: [(key: String, value: JSONValue)] = [("rule", .string(ruleName ?? ""))]
    if variant != .paper { fields.append(("variant", .string(variant.rawValue))) }
    if case .effective(let beta) = rule {
      fields.append(("beta", ConfigType<Double>.beta.encode(beta)))
    }
    return fields.count == 1 ? fields[0].value : .object(fields)
  }
}

extension ClassWeightsConfig.Rule {
  fileprivate init?(_ name: String, beta: Double?) {
    switch name {
    case "inverse": self = .inverse
    case "inverse_mean1": self = .inverseMeanOne
    case "median": self = .median
    case "effective": self = .effective(beta: beta)
    default: return nil
    }
  }
}

extension ConfigType where T == Double {
  /// A number, or `"auto"` for `nil`.
  fileprivate static var beta: ConfigType<Double?> {
    let number = ConfigType<Double>.number(in: 0..<1)
    return ConfigType<Double?>(
      expected: "\(number.expected) or \"auto\"",
      schema: [
        "anyOf": .array([.object(number.schema), .fields(["const": .string("auto")])])
      ],
      placeholder: nil,
      decode: { value in
        if case .string("auto") = value.kind { return .some(nil) }
        return number.decode(value).map { .some($0) }
      },
      encode: { $0.map { .number($0) } ?? .string("auto") })
  }
}
