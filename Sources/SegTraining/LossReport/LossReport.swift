public import SegCore
import SegLosses

/// What `segtrain loss explain` says: formula, treatment of special pixels, options and a worked example of a loss.
public struct LossReport: Sendable {
  struct Reading: Sendable {
    var reading: LossExplanation.Reading
    var example: LossExample
  }

  let name, help, range: String
  let takesClassWeights: Bool
  let readsClassCounts: Bool
  let readings: [Reading]
  let options: [ConfigKeyHelp]

  /// - Parameter variant: explains this reading alone; `nil` for all.
  /// - Throws: `Failure(.usage)` for a loss or reading that does not exist.
  public init(_ name: String, variant: String? = nil) throws {
    guard let kind = lossKinds.first(where: { $0.name == name }) else {
      let names = lossKinds.map(\.name)
      throw Failure(
        .usage, "NAME", "expected \(MessageText.alternatives(names)), found \(name)",
        hint: NearestKey.find(name, in: names).map { "did you mean \($0)?" })
    }
    let loss = try Self.loss(name, [])
    let explanation = type(of: loss).explanation
    let known = explanation.readings.map(\.variant.rawValue)
    if let variant, !known.contains(variant) {
      throw Failure(
        .usage, "--variant", "expected \(MessageText.alternatives(known)), found \(variant)")
    }
    self.name = name
    help = kind.help
    range = explanation.range
    takesClassWeights = type(of: loss).takesClassWeights
    readsClassCounts = type(of: loss).readsClassCounts
    options = kind.keys
    readings = try explanation.readings.filter {
      variant == nil || $0.variant.rawValue == variant
    }.map { reading in
      let loss = try Self.loss(name, [("variant", .string(reading.variant.rawValue))])
      return Reading(reading: reading, example: try LossExample(loss))
    }
  }

  /// The loss as a configuration with these keys and defaults otherwise makes it.
  private static func loss(
    _ name: String, _ keys: [(key: String, value: JSONValue)]
  ) throws -> any SegmentationLoss {
    let text = JSONValue.object([(key: "type", value: .string(name))] + keys).compact
    return try ConfigDocument(bytes: Array(text.utf8), name: "loss").decode {
      LossTermConfig($0).loss
    }.value
  }

  /// Every loss of this version with its readings, for `segtrain loss list`.
  public static func list() throws -> [(name: String, variants: [String], help: String)] {
    try lossKinds.map { kind in
      let readings = type(of: try loss(kind.name, [])).explanation.readings
      return (kind.name, readings.map(\.variant.rawValue), kind.help)
    }
  }

  /// The same as a table.
  public static func listText() throws -> String {
    var table = TextTable([.left("loss"), .left("readings"), .left("what it is")])
    for entry in try list() {
      table.add([entry.name, entry.variants.joined(separator: ", "), entry.help])
    }
    return table.text.trimmingLines
  }

  public static func listJSON() throws -> JSONValue {
    .array(
      try list().map { name, variants, help in
        .fields([
          "name": .string(name), "variants": .array(variants.map { .string($0) }),
          "help": .string(help),
        ])
      })
  }
}
