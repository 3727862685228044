internal import SegCore

/// One of the labels of SYNTHIA-RAND-CITYSCAPES (Ros et al. 2016), as its README lists them.
struct SynthiaRandLabel: Sendable {
  var name: String
  var color: RGB
  /// The class of Cityscapes it is usually trained as (DAFormer's and its predecessors' choice).
  var trainID: Int?

  init(_ name: String, _ color: RGB, _ trainID: Int?) {
    self.name = name
    self.color = color
    self.trainID = trainID
  }

  /// By id.
  static let all: [SynthiaRandLabel] = [
    .init("void", RGB(0, 0, 0), nil),
    .init("sky", RGB(70, 130, 180), 10),
    .init("Building", RGB(70, 70, 70), 2),
    .init("Road", RGB(128, 64, 128), 0),
    .init("Sidewalk", RGB(244, 35, 232), 1),
    .init("Fence", RGB(64, 64, 128), 4),
    .init("Vegetation", RGB(107, 142, 35), 8),
    .init("Pole", RGB(153, 153, 153), 5),
    .init("Car", RGB(0, 0, 142), 13),
    .init("Traffic_sign", RGB(220, 220, 0), 7),
    .init("Pedestrian", RGB(220, 20, 60), 11),
    .init("Bicycle", RGB(119, 11, 32), 18),
    .init("Motorcycle", RGB(0, 0, 230), 17),
    .init("Parking-slot", RGB(250, 170, 160), nil),
    .init("Road-work", RGB(128, 64, 64), nil),
    .init("Traffic_light", RGB(250, 170, 30), 6),
    .init("Terrain", RGB(152, 251, 152), 9),
    .init("Rider", RGB(255, 0, 0), 12),
    .init("Truck", RGB(0, 0, 70), 14),
    .init("Bus", RGB(0, 60, 100), 15),
    .init("Train", RGB(0, 80, 100), 16),
    .init("Wall", RGB(102, 102, 156), 3),
    .init("Lanemarking", RGB(102, 102, 156), nil),
  ]
}

extension ClassTable {
  /// The classes of a Cityscapes table, read from SYNTHIA-RAND's ids; what it has no class for is
  /// ignored.
  static func synthiaRand(_ name: String, as cityscapes: ClassTable) -> ClassTable {
    let trainIDs = cityscapes.resultValues.map { CityscapesLabel.all[Int($0)].trainID }
    var table = cityscapes
    table.name = name
    table.labelMap = SynthiaRandLabel.all.enumerated().map { id, label in
      let index = label.trainID.flatMap { trainID in trainIDs.firstIndex { $0 == trainID } }
      return LabelMapping(stored: id, target: index.map { .index($0) } ?? .ignore)
    }
    return table
  }
}
