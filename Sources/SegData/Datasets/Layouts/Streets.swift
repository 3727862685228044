extension DatasetLayout {
  /// Drawn street scenes, on disk like CamVid.
  public static let streets = DatasetLayout(
    name: "streets", help: "drawn by data make-streets, on disk like camvid", tables: [.streets10],
    pairing: { try annotFolders($0.root, $1) })
}
