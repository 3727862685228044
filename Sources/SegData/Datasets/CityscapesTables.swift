internal import SegCore

extension CityscapesLabel {
  /// Train ids of the 16 classes that SYNTHIA-RAND shares with Cityscapes.
  static let sixteen = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 15, 17, 18]
  /// The same without wall, fence and pole: what papers that report 13 classes score.
  static let thirteen = sixteen.filter { !(3...5).contains($0) }
}

extension ClassTable {
  /// The classes `labels`, in this order; other ids are ignored, results are written as ids.
  static func cityscapes(_ name: String, _ labels: [CityscapesLabel]) -> ClassTable {
    let index = Dictionary(
      uniqueKeysWithValues: labels.enumerated().map { ($1.id, $0) })
    var categories: [ClassCategory] = []
    for (position, label) in labels.enumerated() {
      if let at = categories.firstIndex(where: { $0.name == label.category.rawValue }) {
        categories[at].classes.append(position)
      } else {
        categories.append(ClassCategory(label.category.rawValue, [position]))
      }
    }
    return ClassTable(
      name: name, classes: labels.map { ClassInfo($0.name, RGB($0.red, $0.green, $0.blue)) },
      labelMap: CityscapesLabel.all.map { label in
        LabelMapping(stored: label.id, target: index[label.id].map { .index($0) } ?? .ignore)
      },
      categories: categories,
      instanceClasses: labels.indices.filter { labels[$0].hasInstances },
      resultValues: labels.map { UInt8($0.id) })
  }

  /// What `labelTrainIds` files hold, for a table whose results are label ids.
  ///
  /// - Returns: nil where a class of the table has no train id.
  func cityscapesTrainIDs() -> [LabelMapping]? {
    var map = (0..<CityscapesLabel.trained.count).map { LabelMapping(stored: $0, target: .ignore) }
    for (index, id) in resultValues.enumerated() {
      guard let train = CityscapesLabel.all[Int(id)].trainID else { return nil }
      map[train].target = .index(index)
    }
    return map + [LabelMapping(stored: 255, target: .ignore)]
  }
}
