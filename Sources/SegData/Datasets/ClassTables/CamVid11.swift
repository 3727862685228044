extension ClassTable {
  /// CamVid in the SegNet flavour (Badrinarayanan et al. 2017): 11 classes, 11 is void.
  public static let camvid11 = ClassTable(
    name: "camvid11",
    classes: [
      ClassInfo("Sky", RGB(128, 128, 128)),
      ClassInfo("Building", RGB(128, 0, 0)),
      ClassInfo("Pole", RGB(192, 192, 128)),
      ClassInfo("Road", RGB(128, 64, 128)),
      ClassInfo("Pavement", RGB(60, 40, 222)),
      ClassInfo("Tree", RGB(128, 128, 0)),
      ClassInfo("SignSymbol", RGB(192, 128, 128)),
      ClassInfo("Fence", RGB(64, 64, 128)),
      ClassInfo("Car", RGB(64, 0, 128)),
      ClassInfo("Pedestrian", RGB(64, 64, 0)),
      ClassInfo("Bicyclist", RGB(0, 128, 192)),
    ],
    labelMap: [LabelMapping(stored: 11, target: .ignore)])
}
