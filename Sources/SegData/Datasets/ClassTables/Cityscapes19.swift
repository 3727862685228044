internal import SegCore

extension ClassTable {
  /// The 19 classes that Cityscapes' benchmark scores, by train id.
  public static let cityscapes19 = cityscapes("cityscapes19", CityscapesLabel.trained)
}
