internal import SegCore

extension ClassTable {
  /// The raw label ids 0 to 33, all of them classes and none ignored, as the loss-scheduling
  /// repository trains.
  public static let cityscapes34 = cityscapes("cityscapes34", CityscapesLabel.all)
}
