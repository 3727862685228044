internal import SegCore

extension ClassTable {
  /// The 16 classes that Cityscapes shares with SYNTHIA-RAND: to score what `synthia_rand16` trains.
  public static let cityscapes16 = cityscapes(
    "cityscapes16", CityscapesLabel.sixteen.map { CityscapesLabel.trained[$0] })
}
