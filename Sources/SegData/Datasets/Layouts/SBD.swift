internal import SegCore

extension DatasetLayout {
  /// The Semantic Boundaries Dataset (Hariharan et al. 2011): `img/*.jpg`, `cls/*.mat` and the lists
  /// `train.txt`, `val.txt` in `data.root` or its `benchmark_RELEASE/dataset`; no pixel is void.
  public static let sbd = DatasetLayout(
    name: "sbd", help: "img, cls and lists, in root or its benchmark_RELEASE/dataset",
    tables: [.voc21],
    pairing: { config, split in
      let folder = try base(
        config.root, below: ["", "benchmark_RELEASE/dataset", "dataset"], holding: "cls")
      // Berkeley's archive has no train_noval.txt; the one offered elsewhere is put into the root.
      let name = "\(split).txt"
      let inRoot = Folder.join(config.root, name)
      let isInRoot = FileSystem.kind(of: inRoot) == .file
      let list = try ListFile(isInRoot ? inRoot : Folder.join(folder, name))
      return list.pairing { name in
        .find(
          image: [Folder.join(folder, "img/\(name[0]).jpg")],
          [Folder.join(folder, "cls/\(name[0]).mat")])
      }
    })
}
