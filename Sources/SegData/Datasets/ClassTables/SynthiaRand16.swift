extension ClassTable {
  /// The 16 classes that SYNTHIA-RAND shares with Cityscapes, in the order of their train ids.
  public static let synthiaRand16 = synthiaRand("synthia_rand16", as: .cityscapes16)
}
