internal import SegCore

extension DataConfig.Classes {
  /// Null, a table's name or `[{"name": ..., "color": [r, g, b]}, ...]`.
  static var type: ConfigType<Self> {
    let names = classTables.map(\.name)
    let table = ConfigType<String>.word(among: classTables.map { ($0.name, "") })
    let list = ConfigType<ClassInfo>.classInfo.list(count: 1...256)
    let words = names.map { "\"\($0)\"" }.joined(separator: ", ")
    return ConfigType<Self>(
      expected: "null, \(words) or an array of {\"name\": ..., \"color\": [r, g, b]}",
      schema: [
        "anyOf": .array([
          .fields(["type": .string("null")]), .object(table.schema), .object(list.schema),
        ])
      ],
      placeholder: .layout,
      decode: { value in
        switch value.kind {
        case .null: .layout
        case .string: value.read(table).map { .table($0) }
        case .array: value.read(list).flatMap { unique($0, value) }.map { .list($0) }
        default: nil
        }
      },
      encode: { classes in
        switch classes {
        case .layout: .null
        case .table(let name): .string(name)
        case .list(let infos): .array(infos.map(ConfigType<ClassInfo>.classInfo.encode))
        }
      })
  }

  private static func unique(_ classes: [ClassInfo], _ value: ConfigValue) -> [ClassInfo]? {
    var seen: Set<String> = []
    for info in classes where !seen.insert(info.name).inserted {
      value.problem("expected each class name once, found \"\(info.name)\" again")
      return nil
    }
    return classes
  }
}

extension ConfigType where T == ClassInfo {
  static var classInfo: ConfigType<ClassInfo> {
    ConfigType(
      expected: "{\"name\": ..., \"color\": [r, g, b]}",
      schema: ["allOf": .array([ConfigSection.schema(of: read)])],
      placeholder: ClassInfo("", RGB(0, 0, 0)), decode: { $0.section(read) },
      encode: { info in
        let color = [info.color.red, info.color.green, info.color.blue]
        return .fields([
          "name": .string(info.name), "color": .array(color.map { .integer(Int($0)) }),
        ])
      })
  }

  private static func read(_ section: ConfigSection) -> ClassInfo {
    let name = section.string("name", "Name of the class.")
    let color = section.ints("color", count: 3, in: 0...255, "[red, green, blue], each 0 to 255.")
    return ClassInfo(name, RGB(UInt8(color[0]), UInt8(color[1]), UInt8(color[2])))
  }
}

extension LabelMapping {
  /// `{"stored value": class index or "ignore"}`.
  static var type: ConfigType<[LabelMapping]> {
    let pairs = ConfigType<[(key: String, value: Target)]>.map(
      of: Target.type, expectedKey: "a stored label value 0...255", isKey: { stored($0) != nil })
    var type = ConfigType<[LabelMapping]>(
      expected: pairs.expected, schema: [:], placeholder: [],
      decode: { value in
        pairs.decode(value)?.compactMap { pair in
          stored(pair.key).map { LabelMapping(stored: $0, target: pair.value) }
        }
      },
      encode: { mappings in
        pairs.encode(mappings.map { (key: String($0.stored), value: $0.target) })
      })
    type.schema = pairs.schema
    return type
  }

  /// The value a key spells: plain decimal, so that no value has two spellings.
  private static func stored(_ key: String) -> Int? {
    guard let value = UInt8(key), String(value) == key else { return nil }
    return Int(value)
  }
}

extension LabelMapping.Target {
  static var type: ConfigType<Self> {
    ConfigType(
      expected: "a class index 0...255 or \"ignore\"",
      schema: [
        "anyOf": .array([
          .object(ConfigType<Int>.int(in: 0...255).schema),
          .fields(["const": .string("ignore")]),
        ])
      ],
      placeholder: .ignore,
      decode: { value in
        switch value.kind {
        case .integer(let index) where (0...255).contains(index): .index(index)
        case .string("ignore"): .ignore
        default: nil
        }
      },
      encode: { target in
        switch target {
        case .index(let index): .integer(index)
        case .ignore: .string("ignore")
        }
      })
  }
}

extension MaskColor {
  /// `{"color": [r, g, b], "class": class index or "ignore"}`.
  static var type: ConfigType<MaskColor> {
    ConfigType(
      expected: "{\"color\": ..., \"class\": ...}",
      schema: ["allOf": .array([ConfigSection.schema(of: read)])],
      placeholder: MaskColor(RGB(0, 0, 0), .ignore), decode: { $0.section(read) },
      encode: { entry in
        let color = [entry.color.red, entry.color.green, entry.color.blue]
        return .fields([
          "color": .array(color.map { .integer(Int($0)) }),
          "class": LabelMapping.Target.type.encode(entry.target),
        ])
      })
  }

  private static func read(_ section: ConfigSection) -> MaskColor {
    let color = section.ints("color", count: 3, in: 0...255, "[red, green, blue], each 0 to 255.")
    let target = section.value(
      "class", LabelMapping.Target.type, default: nil, "Class index or \"ignore\".")
    return MaskColor(RGB(UInt8(color[0]), UInt8(color[1]), UInt8(color[2])), target)
  }
}
