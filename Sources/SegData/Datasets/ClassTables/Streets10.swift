extension ClassTable {
  /// The drawn street scenes of `Streets/`: large areas first, small and rare things last.
  public static let streets10 = ClassTable(
    name: "streets10",
    classes: [
      ClassInfo("sky", RGB(70, 130, 180)),
      ClassInfo("road", RGB(128, 64, 128)),
      ClassInfo("building", RGB(70, 70, 70)),
      ClassInfo("vegetation", RGB(107, 142, 35)),
      ClassInfo("car", RGB(0, 0, 142)),
      ClassInfo("pedestrian", RGB(220, 20, 60)),
      ClassInfo("pole", RGB(153, 153, 153)),
      ClassInfo("sign", RGB(220, 220, 0)),
      ClassInfo("light", RGB(250, 170, 30)),
      ClassInfo("bicycle", RGB(119, 11, 32)),
    ])
}
