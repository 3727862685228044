extension DatasetLayout {
  /// CamVid in the SegNet flavour: `<root>/<split>/*.png` and `<root>/<split>annot/*.png`.
  public static let camvid = DatasetLayout(
    name: "camvid", table: .camvid11,
    pairs: { try annotFolders($0.root, $1) })

  static func annotFolders(_ root: String, _ split: String) throws -> [SamplePair] {
    try SamplePair.match(
      images: Folder.join(root, split), labels: Folder.join(root, split + "annot"))
  }
}
