internal import SegCore

extension ClassTable {
  /// The 30 classes Cityscapes was annotated with: ids 4 (static) to 33 (bicycle); what is no class,
  /// ids 0 to 3, is ignored.
  public static let cityscapes30 = cityscapes("cityscapes30", Array(CityscapesLabel.all[4...]))
}
