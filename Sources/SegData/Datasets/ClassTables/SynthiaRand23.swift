extension ClassTable {
  /// SYNTHIA-RAND-CITYSCAPES' own 23 ids, void among them.
  public static let synthiaRand23 = ClassTable(
    name: "synthia_rand23",
    classes: SynthiaRandLabel.all.map { ClassInfo($0.name, $0.color) })
}
