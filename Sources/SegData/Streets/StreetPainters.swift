import SegCore

/// One kind of object: where it stands in a street and how it is drawn.
protocol StreetPainter: SendableMetatype {
  /// The stream of random numbers of this kind.
  static var name: String { get }
  static func place(in street: StreetLayout, _ random: inout CounterRNG) -> [StreetItem]
}

/// Something to draw, and when.
struct StreetItem {
  /// Layers are drawn one after the other; inside one, far things first.
  enum Layer: Int { case backdrop, roadside, street }

  let layer: Layer
  /// Metres.
  let depth: Double
  let paint: (inout StreetCanvas, StreetLayout) -> Void
}

/// Every kind of object; of two at the same depth the later kind is drawn over the earlier.
let streetPainters: [any StreetPainter.Type] = [
  SkyPainter.self,
  RoadPainter.self,
  BuildingPainter.self,
  VegetationPainter.self,
  CarPainter.self,
  BicyclePainter.self,
  PolePainter.self,
  SignPainter.self,
  LightPainter.self,
  PedestrianPainter.self,
]
