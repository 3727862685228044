extension DatasetLayout {
  /// CamVid in the SegNet flavour: `<root>/<split>/*.png` and `<root>/<split>annot/*.png`.
  public static let camvid = DatasetLayout(
    name: "camvid", help: "<root>/<split>/*.png, <root>/<split>annot/*.png", tables: [.camvid11],
    pairing: { try annotFolders($0.root, $1) })

  static func annotFolders(_ root: String, _ split: String) throws -> Pairing {
    let folder = Folder.join(root, split)
    return try .match(.folder(.images, folder), .folder(.labels, folder + "annot"))
  }
}
