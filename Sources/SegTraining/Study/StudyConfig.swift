public import SegCore

/// The file `segtrain study` reads: one base config and what is varied of it.
public struct StudyConfig: Sendable {
  /// What every run starts from.
  public enum Base: Sendable {
    /// A run config's file, as seen from the study's folder.
    case file(String)
    case inline(ConfigFragment)
  }

  /// Names the study's folder `studies/<name>/`.
  public var name: String
  public var base: Base
  public var seeds: [Int]
  public var dataSets, models, losses: [StudyEntry]
  /// Name of the loss the others are compared with.
  public var baseline: String
  public var evaluation: StudyEvaluationConfig
  public var bootstrap: BootstrapConfig

  public init(_ section: ConfigSection, defaultName: String = "study") {
    section.ignored("$schema")
    name = section.value(
      "name", .runName, default: defaultName,
      "Names the study's folder; the file's name without its ending unless given.")
    base = section.value(
      "base", Self.baseType, default: nil,
      "The run config all runs start from: an object, or a file as seen from the study's folder.")
    seeds = section.value(
      "seeds", ConfigType<Int>.int(in: 0...Int.max).list(count: 1...1000), default: nil,
      "One run of everything for each seed.")
    let entries = { (key: String, isRequired: Bool, help: String) in
      section.sections(
        key, count: (isRequired ? 1 : 0)...1000, isRequired: isRequired, help, StudyEntry.init)
    }
    losses = entries("losses", true, "The losses to compare.")
    models = entries("models", false, "Networks each loss is trained on.")
    dataSets = entries("data_sets", false, "Data sets each loss is trained on.")
    baseline = section.string(
      "baseline", default: losses.first?.name ?? "baseline",
      "Name of the loss the others are compared with; the first unless given.")
    evaluation = section.section(
      "evaluation", "What of a run is scored.", StudyEvaluationConfig.init)
    bootstrap = section.section(
      "bootstrap", "Intervals of the differences to the baseline.", BootstrapConfig.init)
    check(section)
  }

  private static var baseType: ConfigType<Base> {
    let fragment = ConfigType<ConfigFragment>.fragment
    return ConfigType(
      expected: "an object or the path of a run config",
      schema: ["type": .array([.string("object"), .string("string")])],
      placeholder: .inline(fragment.placeholder),
      decode: { value in
        switch value.kind {
        case .object: value.read(fragment).map { .inline($0) }
        case .string(let path) where !path.isEmpty: .file(path)
        default: nil
        }
      },
      encode: { base in
        switch base {
        case .file(let path): .string(path)
        case .inline(let fragment): fragment.value
        }
      })
  }

  private func check(_ section: ConfigSection) {
    for (key, entries) in [("losses", losses), ("models", models), ("data_sets", dataSets)] {
      var seen: [String: String] = [:]
      for (index, entry) in entries.enumerated() where section.isSound("\(key).\(index).name") {
        if let other = seen.updateValue(entry.name, forKey: entry.folderName.lowercased()) {
          section.problem(
            at: "\(key).\(index).name",
            "expected a name that gives a folder of its own, found "
              + "\(MessageText.quoted(entry.name)) beside \(MessageText.quoted(other))")
        }
      }
    }
    for (index, seed) in seeds.enumerated() where seeds[..<index].contains(seed) {
      section.problem(at: "seeds.\(index)", "expected each seed once, found \(seed) again")
    }
    if section.isSound("losses", "baseline"), !losses.contains(where: { $0.name == baseline }) {
      let names = losses.map(\.name)
      let near = NearestKey.find(baseline, in: names).map { "did you mean \"\($0)\"? " } ?? ""
      section.problem(
        at: "baseline", "expected the name of a loss, found \(MessageText.quoted(baseline))",
        hint: near + "the losses are " + names.joined(separator: ", "))
    }
  }
}

/// One value of what is varied: a name and what it changes in the base config.
public struct StudyEntry: Sendable {
  /// As tables show it.
  public var name: String
  /// Laid over the base config.
  public var config: ConfigFragment
  /// Texts `a.b=value`, laid over the result.
  public var overrides: [String]

  public init(_ section: ConfigSection) {
    name = section.value("name", .entryName, default: nil, "As tables show it.")
    config = section.value(
      "config", .fragment, default: ConfigType<ConfigFragment>.fragment.placeholder,
      "Laid over the base config: objects key by key, everything else whole.")
    overrides = section.strings(
      "set", default: [], "Texts a.b=value, laid over the result as --set does.")
  }

  /// The name as a part of a folder's name: `soft IoU` is `soft-IoU`.
  var folderName: String {
    var text = ""
    for scalar in name.unicodeScalars {
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar == "_")
      if isPlain || ("0"..."9").contains(scalar) {
        text.unicodeScalars.append(scalar)
      } else if !text.hasSuffix("-"), !text.isEmpty {
        text += "-"
      }
    }
    while text.hasSuffix("-") { text.removeLast() }
    return text
  }
}

extension ConfigType where T == String {
  fileprivate static var entryName: Self {
    var type = Self.string
    type.expected = "a name of at most 40 characters with at least one letter or digit in it"
    type.schema.append(("maxLength", .integer(40)))
    type.decode = { value in
      guard case .string(let text) = value.kind, text.unicodeScalars.count <= 40,
        text.unicodeScalars.contains(where: {
          $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0))
        }), !text.unicodeScalars.contains(where: { $0.value < 0x20 })
      else { return nil }
      return text
    }
    return type
  }
}
