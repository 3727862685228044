extension DatasetLayout {
  /// Drawn street scenes, on disk like CamVid.
  public static let streets = DatasetLayout(
    name: "streets", table: .streets10,
    pairs: { try annotFolders($0.root, $1) })
}
