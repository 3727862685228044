internal import SegCore

/// A split of a data set on disk, as the config describes it.
public struct FileDataset: SegmentationDataset {
  public let layout: DatasetLayout
  public let split: String
  public let classes: [ClassInfo]
  public let labelTable: LabelTable
  public let pairs: [SamplePair]
  private let readLabel: LabelReader

  /// Finds the files of `split`; reads none of them.
  ///
  /// - Throws: `Failure`: `.badConfig` for an unknown layout, class table or mapping,
  ///   `.inputMissing` or `.badData` for folders that do not fit the layout.
  public init(_ config: DataConfig, split: String) throws {
    layout = try DatasetLayout.named(config.layout)
    classes = try Self.table(config, layout).classes
    labelTable = try LabelTable(config, layout)
    readLabel = try layout.labelReader(config, classes)
    self.split = split
    pairs = try layout.pairing(config, split).complete()
  }

  public var ignoreIndex: UInt8 { labelTable.ignoreIndex }
  public var count: Int { pairs.count }
  public func imagePath(at index: Int) -> String { pairs[index].image }
  public func labelPath(at index: Int) -> String { pairs[index].label }

  /// The label values as stored, before any mapping.
  public func storedLabel(at index: Int) throws -> LabelMap {
    try readLabel(labelPath(at: index))
  }

  public func load(at index: Int) throws -> Sample {
    let image = try ImageFile.readRaster(imagePath(at: index))
    var label = try storedLabel(at: index)
    guard image.height == label.height, image.width == label.width else {
      throw Failure(
        .badData, labelPath(at: index),
        "label is \(label.width)x\(label.height), its image \(imagePath(at: index)) is "
          + "\(image.width)x\(image.height)",
        hint: "image and label must have one size; has one of them been resized?")
    }
    try labelTable.apply(to: &label, name: labelPath(at: index))
    return Sample(image: image, label: label)
  }

  /// The classes `config` asks for, in the order of their indices; opens no file.
  public static func classes(_ config: DataConfig) throws -> [ClassInfo] {
    try table(config).classes
  }

  /// The classes `config` asks for with their groups and the values benchmarks want; opens no file.
  public static func table(_ config: DataConfig) throws -> ClassTable {
    try table(config, DatasetLayout.named(config.layout))
  }

  /// The class table `config` asks for.
  static func table(_ config: DataConfig, _ layout: DatasetLayout) throws -> ClassTable {
    switch config.classes {
    case .layout:
      guard let table = layout.table else {
        throw Failure(
          .badConfig, "data.classes", "layout \"\(layout.name)\" has no classes of its own",
          hint: "list them: \"classes\": [{\"name\": \"background\", \"color\": [0, 0, 0]}, ...]")
      }
      return table
    case .table(let name):
      guard let table = classTables.first(where: { $0.name == name }) else {
        let names = classTables.map(\.name)
        throw Failure(
          .badConfig, "data.classes",
          "no class table \"\(name)\"\(NearNames.note(name, among: names)); there are "
            + names.joined(separator: ", "))
      }
      if let objection = layout.objection(toTable: name) {
        throw Failure(.badConfig, "data.classes", objection)
      }
      return table
    case .list(let classes): return ClassTable(name: "config", classes: classes)
    }
  }
}

extension LabelTable {
  /// What `config` makes of the values that `layout` stores.
  init(_ config: DataConfig, _ layout: DatasetLayout) throws {
    let table = try FileDataset.table(config, layout)
    try self.init(
      classCount: table.classes.count, ignoreIndex: config.ignoreIndex,
      table: layout.labelMap(config, table), config: config.labelMap ?? [])
  }
}
