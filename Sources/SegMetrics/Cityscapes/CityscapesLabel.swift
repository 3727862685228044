/// One label of the Cityscapes annotations (cityscapesScripts, `helpers/labels.py`).
///
/// Label ids are what `*_labelIds.png` files hold; the indices of a network's classes are something
/// else, whatever the class table.
public struct CityscapesLabel: Sendable, Equatable {
  public enum Category: String, Sendable, CaseIterable {
    case void, flat, construction, object, nature, sky, human, vehicle
  }

  public let id: Int
  public let name: String
  public let category: Category
  /// Whether single objects are told apart.
  public let hasInstances: Bool
  /// Whether true pixels of this label are left out of every score.
  public let isIgnored: Bool

  /// All labels in the order of their ids, 0 to 33. The licence plate, id -1, is never drawn.
  public static let all: [CityscapesLabel] = {
    let rows: [(String, Category, Bool, Bool)] = [
      ("unlabeled", .void, false, true), ("ego vehicle", .void, false, true),
      ("rectification border", .void, false, true), ("out of roi", .void, false, true),
      ("static", .void, false, true), ("dynamic", .void, false, true),
      ("ground", .void, false, true), ("road", .flat, false, false),
      ("sidewalk", .flat, false, false), ("parking", .flat, false, true),
      ("rail track", .flat, false, true), ("building", .construction, false, false),
      ("wall", .construction, false, false), ("fence", .construction, false, false),
      ("guard rail", .construction, false, true), ("bridge", .construction, false, true),
      ("tunnel", .construction, false, true), ("pole", .object, false, false),
      ("polegroup", .object, false, true), ("traffic light", .object, false, false),
      ("traffic sign", .object, false, false), ("vegetation", .nature, false, false),
      ("terrain", .nature, false, false), ("sky", .sky, false, false),
      ("person", .human, true, false), ("rider", .human, true, false),
      ("car", .vehicle, true, false), ("truck", .vehicle, true, false),
      ("bus", .vehicle, true, false), ("caravan", .vehicle, true, true),
      ("trailer", .vehicle, true, true), ("train", .vehicle, true, false),
      ("motorcycle", .vehicle, true, false), ("bicycle", .vehicle, true, false),
    ]
    return rows.enumerated().map { id, row in
      CityscapesLabel(
        id: id, name: row.0, category: row.1, hasInstances: row.2, isIgnored: row.3)
    }
  }()

  /// Mean pixels of an object over the training set, by which the evaluator scales instances.
  public var meanInstanceSize: Double? { Self.meanInstanceSizes[name] }

  private static let meanInstanceSizes = [
    "person": 3462.4756337644, "rider": 3930.4788056518, "car": 12794.0202738185,
    "truck": 27855.1264367816, "bus": 35732.1511111111, "caravan": 36771.8241758242,
    "trailer": 16926.9763313609, "train": 67583.7075812274, "motorcycle": 6298.7200839748,
    "bicycle": 4672.3249222261,
  ]

  /// The label ids of classes with these names, in their order; nil unless each is a label, and no two
  /// the same.
  public static func ids(ofClasses names: [String]) -> [UInt8]? {
    let ids = names.compactMap { name in
      all.first { $0.name == name }.map { UInt8(clamping: $0.id) }
    }
    return ids.count == names.count && Set(ids).count == ids.count ? ids : nil
  }
}
