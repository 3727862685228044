/// One label of the Cityscapes annotations (Cordts et al. 2016), as cityscapesScripts' `helpers/labels.py` lists them.
///
/// Label ids are what `*_labelIds.png` files hold; the indices of a network's classes are something
/// else, whatever the class table.
public struct CityscapesLabel: Sendable, Equatable {
  public enum Category: String, Sendable, CaseIterable {
    case void, flat, construction, object, nature, sky, human, vehicle
  }

  public let id: Int
  public let name: String
  /// Value in `*_labelTrainIds.png` files; nil for the 15 labels that are not trained.
  public let trainID: Int?
  public let category: Category
  /// Of the official colour.
  public let red, green, blue: UInt8
  /// Whether single objects are told apart.
  public let hasInstances: Bool

  private init(
    _ id: Int, _ name: String, _ trainID: Int?, _ category: Category, _ red: UInt8, _ green: UInt8,
    _ blue: UInt8, hasInstances: Bool = false
  ) {
    self.id = id
    self.name = name
    self.trainID = trainID
    self.category = category
    self.red = red
    self.green = green
    self.blue = blue
    self.hasInstances = hasInstances
  }

  /// Whether true pixels of this label are left out of every official score.
  public var isIgnored: Bool { trainID == nil }

  /// All labels in the order of their ids, 0 to 33. The licence plate, id -1, is never drawn.
  public static let all: [CityscapesLabel] = [
    .init(0, "unlabeled", nil, .void, 0, 0, 0),
    .init(1, "ego vehicle", nil, .void, 0, 0, 0),
    .init(2, "rectification border", nil, .void, 0, 0, 0),
    .init(3, "out of roi", nil, .void, 0, 0, 0),
    .init(4, "static", nil, .void, 0, 0, 0),
    .init(5, "dynamic", nil, .void, 111, 74, 0),
    .init(6, "ground", nil, .void, 81, 0, 81),
    .init(7, "road", 0, .flat, 128, 64, 128),
    .init(8, "sidewalk", 1, .flat, 244, 35, 232),
    .init(9, "parking", nil, .flat, 250, 170, 160),
    .init(10, "rail track", nil, .flat, 230, 150, 140),
    .init(11, "building", 2, .construction, 70, 70, 70),
    .init(12, "wall", 3, .construction, 102, 102, 156),
    .init(13, "fence", 4, .construction, 190, 153, 153),
    .init(14, "guard rail", nil, .construction, 180, 165, 180),
    .init(15, "bridge", nil, .construction, 150, 100, 100),
    .init(16, "tunnel", nil, .construction, 150, 120, 90),
    .init(17, "pole", 5, .object, 153, 153, 153),
    .init(18, "polegroup", nil, .object, 153, 153, 153),
    .init(19, "traffic light", 6, .object, 250, 170, 30),
    .init(20, "traffic sign", 7, .object, 220, 220, 0),
    .init(21, "vegetation", 8, .nature, 107, 142, 35),
    .init(22, "terrain", 9, .nature, 152, 251, 152),
    .init(23, "sky", 10, .sky, 70, 130, 180),
    .init(24, "person", 11, .human, 220, 20, 60, hasInstances: true),
    .init(25, "rider", 12, .human, 255, 0, 0, hasInstances: true),
    .init(26, "car", 13, .vehicle, 0, 0, 142, hasInstances: true),
    .init(27, "truck", 14, .vehicle, 0, 0, 70, hasInstances: true),
    .init(28, "bus", 15, .vehicle, 0, 60, 100, hasInstances: true),
    .init(29, "caravan", nil, .vehicle, 0, 0, 90, hasInstances: true),
    .init(30, "trailer", nil, .vehicle, 0, 0, 110, hasInstances: true),
    .init(31, "train", 16, .vehicle, 0, 80, 100, hasInstances: true),
    .init(32, "motorcycle", 17, .vehicle, 0, 0, 230, hasInstances: true),
    .init(33, "bicycle", 18, .vehicle, 119, 11, 32, hasInstances: true),
  ]

  /// The trained labels by train id.
  public static let trained = all.filter { $0.trainID != nil }

  /// The label ids of classes with these names, in their order; nil unless each is a label, and no two
  /// the same.
  public static func ids(ofClasses names: [String]) -> [UInt8]? {
    let ids = names.compactMap { name in
      all.first { $0.name == name }.map { UInt8(clamping: $0.id) }
    }
    return ids.count == names.count && Set(ids).count == ids.count ? ids : nil
  }
}
