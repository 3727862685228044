public import SegCore

/// Reads the stored label values of a file.
public typealias LabelReader = @Sendable (_ path: String) throws -> LabelMap

/// How a data set lies on disk: what makes `data.layout` a word.
public struct DatasetLayout: Sendable {
  /// As in `data.layout`.
  public var name: String
  public var help: String
  /// The tables that say what this layout's stored values mean, the layout's own first; empty where
  /// the config has to say the classes and any table may be named.
  public var tables: [ClassTable]
  /// Reads the keys of section `data` that only this layout has.
  public var readKeys: @Sendable (_ section: ConfigSection, _ config: inout DataConfig) -> Void
  /// The files of a split, in an order that never changes.
  ///
  /// Throws a `Failure` for folders or lists that are not there.
  public var pairing: @Sendable (_ config: DataConfig, _ split: String) throws -> Pairing
  /// What stored values mean, before `data.label_map`.
  public var labelMap:
    @Sendable (_ config: DataConfig, _ table: ClassTable) throws -> [LabelMapping]
  /// How label files are read.
  public var labelReader:
    @Sendable (_ config: DataConfig, _ classes: [ClassInfo]) throws -> LabelReader
  /// The file that numbers the objects in a sample, from its label file; nil where there is none.
  public var instanceFile: (@Sendable (_ labelPath: String) -> String?)?

  public init(
    name: String, help: String, tables: [ClassTable],
    readKeys: @escaping @Sendable (ConfigSection, inout DataConfig) -> Void = { _, _ in },
    pairing: @escaping @Sendable (DataConfig, String) throws -> Pairing,
    labelMap: @escaping @Sendable (DataConfig, ClassTable) throws -> [LabelMapping] = {
      $1.labelMap
    },
    labelReader: @escaping @Sendable (DataConfig, [ClassInfo]) throws -> LabelReader = { _, _ in
      ImageFile.readLabels
    },
    instanceFile: (@Sendable (String) -> String?)? = nil
  ) {
    self.name = name
    self.help = help
    self.tables = tables
    self.readKeys = readKeys
    self.pairing = pairing
    self.labelMap = labelMap
    self.labelReader = labelReader
    self.instanceFile = instanceFile
  }

  /// The layout's own classes; nil where the config has to say them.
  public var table: ClassTable? { tables.first }
}

/// Every layout there is, one line each.
public let datasetLayouts: [DatasetLayout] = [
  .camvid,
  .cityscapes,
  .folders,
  .sbd,
  .streets,
  .synthiaRand,
  .synthiaSeqs,
  .voc,
]

extension DatasetLayout {
  /// The layout called `name`.
  public static func named(_ name: String) throws -> DatasetLayout {
    guard let layout = datasetLayouts.first(where: { $0.name == name }) else {
      let names = datasetLayouts.map(\.name)
      throw Failure(
        .badConfig, "data.layout",
        "no layout \"\(name)\"\(NearNames.note(name, among: names)); there are "
          + names.joined(separator: ", "))
    }
    return layout
  }

  /// What is wrong with naming the class table `name` in `data.classes`; nil when it fits.
  ///
  /// The tables of another layout would give the stored values other meanings.
  func objection(toTable name: String) -> String? {
    guard !tables.isEmpty, !tables.contains(where: { $0.name == name }) else { return nil }
    let names = tables.map { "\"\($0.name)\"" }.joined(separator: ", ")
    return "layout \"\(self.name)\" stores its labels for \(names), not for \"\(name)\""
  }
}
