internal import SegCore

extension ClassTable {
  /// `cityscapes16` without wall, fence and pole: to score what `synthia_rand13` trains.
  public static let cityscapes13 = cityscapes(
    "cityscapes13", CityscapesLabel.thirteen.map { CityscapesLabel.trained[$0] })
}
