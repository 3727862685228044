extension ClassTable {
  /// SYNTHIA-SEQS' 16 ids, void and the two reserved ones among them, as the recall repository
  /// trains.
  public static let synthiaSeqs16 = ClassTable(
    name: "synthia_seqs16",
    classes: [
      ClassInfo("void", RGB(0, 0, 0)),
      ClassInfo("sky", RGB(128, 128, 128)),
      ClassInfo("building", RGB(128, 0, 0)),
      ClassInfo("road", RGB(128, 64, 128)),
      ClassInfo("sidewalk", RGB(0, 0, 192)),
      ClassInfo("fence", RGB(64, 64, 128)),
      ClassInfo("vegetation", RGB(128, 128, 0)),
      ClassInfo("pole", RGB(192, 192, 128)),
      ClassInfo("car", RGB(64, 0, 128)),
      ClassInfo("traffic sign", RGB(192, 128, 128)),
      ClassInfo("pedestrian", RGB(64, 64, 0)),
      ClassInfo("bicycle", RGB(0, 128, 192)),
      ClassInfo("lanemarking", RGB(0, 172, 0)),
      // No colour of their own is published.
      ClassInfo("reserved 13", RGB(255, 0, 255)),
      ClassInfo("reserved 14", RGB(255, 128, 255)),
      ClassInfo("traffic light", RGB(0, 128, 128)),
    ])
}
