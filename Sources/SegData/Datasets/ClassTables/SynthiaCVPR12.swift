extension ClassTable {
  /// The 12 classes of SYNTHIA-Rand as of CVPR 2016, whose masks are colours: for
  /// `mask_encoding: "color"`.
  public static let synthiaCVPR12 = ClassTable(
    name: "synthia_cvpr12",
    classes: [
      ClassInfo("Void", RGB(0, 0, 0)),
      ClassInfo("Sky", RGB(128, 128, 128)),
      ClassInfo("Building", RGB(128, 0, 0)),
      ClassInfo("Road", RGB(128, 64, 128)),
      ClassInfo("Sidewalk", RGB(0, 0, 192)),
      ClassInfo("Fence", RGB(64, 64, 128)),
      ClassInfo("Vegetation", RGB(128, 128, 0)),
      ClassInfo("Pole", RGB(192, 192, 128)),
      ClassInfo("Car", RGB(64, 0, 128)),
      ClassInfo("Sign", RGB(192, 128, 128)),
      ClassInfo("Pedestrian", RGB(64, 64, 0)),
      ClassInfo("Cyclist", RGB(0, 128, 192)),
    ])
}
