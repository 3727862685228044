/// Name and colour of a class.
public struct ClassInfo: Hashable, Sendable {
  public var name: String
  public var color: RGB

  public init(_ name: String, _ color: RGB) {
    self.name = name
    self.color = color
  }
}

/// Classes that are also scored as one, e.g. Cityscapes' `vehicle`.
public struct ClassCategory: Hashable, Sendable {
  public var name: String
  /// Class indices, ascending.
  public var classes: [Int]

  public init(_ name: String, _ classes: [Int]) {
    self.name = name
    self.classes = classes
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
  /// Groups of classes in the order of their first; every class is in one, or there are none.
  public var categories: [ClassCategory]
  /// Classes whose objects are numbered in the data set's instance files.
  public var instanceClasses: [Int]
  /// What the data set's benchmark wants each class to be written as; empty where it is the index.
  public var resultValues: [UInt8]

  public init(
    name: String, classes: [ClassInfo], labelMap: [LabelMapping] = [],
    categories: [ClassCategory] = [], instanceClasses: [Int] = [], resultValues: [UInt8] = []
  ) {
    self.name = name
    self.classes = classes
    self.labelMap = labelMap
    self.categories = categories
    self.instanceClasses = instanceClasses
    self.resultValues = resultValues
  }
}

/// Every table `data.classes` can name.
public let classTables: [ClassTable] = [
  .camvid11,
  .cityscapes13,
  .cityscapes16,
  .cityscapes19,
  .cityscapes30,
  .cityscapes34,
  .streets10,
  .synthiaCVPR12,
  .synthiaRand13,
  .synthiaRand16,
  .synthiaRand19,
  .synthiaRand23,
  .synthiaSeqs16,
  .voc21,
]
