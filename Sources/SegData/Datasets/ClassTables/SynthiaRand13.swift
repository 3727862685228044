extension ClassTable {
  /// `synthia_rand16` without wall, fence and pole.
  public static let synthiaRand13 = synthiaRand("synthia_rand13", as: .cityscapes13)
}
