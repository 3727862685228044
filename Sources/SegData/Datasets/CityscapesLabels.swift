/// One of the labels of Cityscapes (Cordts et al. 2016), as `labels.py` of cityscapesScripts lists
/// them.
struct CityscapesLabel: Sendable {
  /// Value in `labelIds` files.
  var id: Int
  var name: String
  /// Value in `labelTrainIds` files; nil for the 15 labels that are not trained.
  var trainID: Int?
  var category: String
  var hasInstances: Bool
  var color: RGB

  init(
    _ id: Int, _ name: String, _ trainID: Int?, _ category: String, _ color: RGB,
    hasInstances: Bool = false
  ) {
    self.id = id
    self.name = name
    self.trainID = trainID
    self.category = category
    self.color = color
    self.hasInstances = hasInstances
  }

  /// All that occur in files, by id; the licence plate (id -1) is never drawn.
  static let all: [CityscapesLabel] = [
    .init(0, "unlabeled", nil, "void", RGB(0, 0, 0)),
    .init(1, "ego vehicle", nil, "void", RGB(0, 0, 0)),
    .init(2, "rectification border", nil, "void", RGB(0, 0, 0)),
    .init(3, "out of roi", nil, "void", RGB(0, 0, 0)),
    .init(4, "static", nil, "void", RGB(0, 0, 0)),
    .init(5, "dynamic", nil, "void", RGB(111, 74, 0)),
    .init(6, "ground", nil, "void", RGB(81, 0, 81)),
    .init(7, "road", 0, "flat", RGB(128, 64, 128)),
    .init(8, "sidewalk", 1, "flat", RGB(244, 35, 232)),
    .init(9, "parking", nil, "flat", RGB(250, 170, 160)),
    .init(10, "rail track", nil, "flat", RGB(230, 150, 140)),
    .init(11, "building", 2, "construction", RGB(70, 70, 70)),
    .init(12, "wall", 3, "construction", RGB(102, 102, 156)),
    .init(13, "fence", 4, "construction", RGB(190, 153, 153)),
    .init(14, "guard rail", nil, "construction", RGB(180, 165, 180)),
    .init(15, "bridge", nil, "construction", RGB(150, 100, 100)),
    .init(16, "tunnel", nil, "construction", RGB(150, 120, 90)),
    .init(17, "pole", 5, "object", RGB(153, 153, 153)),
    .init(18, "polegroup", nil, "object", RGB(153, 153, 153)),
    .init(19, "traffic light", 6, "object", RGB(250, 170, 30)),
    .init(20, "traffic sign", 7, "object", RGB(220, 220, 0)),
    .init(21, "vegetation", 8, "nature", RGB(107, 142, 35)),
    .init(22, "terrain", 9, "nature", RGB(152, 251, 152)),
    .init(23, "sky", 10, "sky", RGB(70, 130, 180)),
    .init(24, "person", 11, "human", RGB(220, 20, 60), hasInstances: true),
    .init(25, "rider", 12, "human", RGB(255, 0, 0), hasInstances: true),
    .init(26, "car", 13, "vehicle", RGB(0, 0, 142), hasInstances: true),
    .init(27, "truck", 14, "vehicle", RGB(0, 0, 70), hasInstances: true),
    .init(28, "bus", 15, "vehicle", RGB(0, 60, 100), hasInstances: true),
    .init(29, "caravan", nil, "vehicle", RGB(0, 0, 90), hasInstances: true),
    .init(30, "trailer", nil, "vehicle", RGB(0, 0, 110), hasInstances: true),
    .init(31, "train", 16, "vehicle", RGB(0, 80, 100), hasInstances: true),
    .init(32, "motorcycle", 17, "vehicle", RGB(0, 0, 230), hasInstances: true),
    .init(33, "bicycle", 18, "vehicle", RGB(119, 11, 32), hasInstances: true),
  ]

  /// The trained labels by train id.
  static let trained = all.filter { $0.trainID != nil }

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
      if let at = categories.firstIndex(where: { $0.name == label.category }) {
        categories[at].classes.append(position)
      } else {
        categories.append(ClassCategory(label.category, [position]))
      }
    }
    return ClassTable(
      name: name, classes: labels.map { ClassInfo($0.name, $0.color) },
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
