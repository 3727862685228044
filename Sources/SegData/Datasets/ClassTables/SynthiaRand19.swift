extension ClassTable {
  /// SYNTHIA-RAND as Cityscapes' 19 train ids, for models that are scored on Cityscapes.
  public static let synthiaRand19 = synthiaRand("synthia_rand19", as: .cityscapes19)
}
