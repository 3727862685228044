internal import SegCore

/// How a data set lies on disk: what makes `data.layout` a word.
public struct DatasetLayout: Sendable {
  /// As in `data.layout`.
  public var name: String
  /// The layout's own classes; nil where the config has to say them.
  public var table: ClassTable?
  /// The files of a split, sorted by name.
  public var pairs: @Sendable (_ config: DataConfig, _ split: String) throws -> [SamplePair]
  /// Reads the stored label values of a file.
  public var readLabel: @Sendable (_ path: String) throws -> LabelMap

  public init(
    name: String, table: ClassTable?,
    pairs: @escaping @Sendable (_ config: DataConfig, _ split: String) throws -> [SamplePair],
    readLabel: @escaping @Sendable (_ path: String) throws -> LabelMap = ImageFile.readLabels
  ) {
    self.name = name
    self.table = table
    self.pairs = pairs
    self.readLabel = readLabel
  }
}

/// Every layout there is, one line each.
public let datasetLayouts: [DatasetLayout] = [
  .camvid,
  .folders,
  .streets,
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
}
