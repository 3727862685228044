/// Name and colour of a class.
public struct ClassInfo: Hashable, Sendable {
  public var name: String
  public var color: RGB

  public init(_ name: String, _ color: RGB) {
    self.name = name
    self.color = color
  }
}

/// The classes of a data set and what its stored label values mean.
public struct ClassTable: Sendable, Equatable {
  /// As in `data.classes`, e.g. `camvid11`.
  public var name: String
  /// In the order of their indices.
  public var classes: [ClassInfo]
  /// Stored values that are not simply class indices, e.g. CamVid's 11, which is void.
  public var labelMap: [LabelMapping]

  public init(name: String, classes: [ClassInfo], labelMap: [LabelMapping] = []) {
    self.name = name
    self.classes = classes
    self.labelMap = labelMap
  }
}

/// Every table `data.classes` can name.
public let classTables: [ClassTable] = [
  .camvid11,
  .streets10,
]
