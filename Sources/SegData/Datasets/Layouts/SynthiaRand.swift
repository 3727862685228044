internal import SegCore

extension DatasetLayout {
  /// SYNTHIA-RAND-CITYSCAPES: `RGB/*.png` and `GT/LABELS/*.png` (16-bit, class in red) in `data.root`
  /// or its `RAND_CITYSCAPES`.
  ///
  /// Its makers publish no split: `all` is every picture; `train` and `val` are ours, `val` every
  /// tenth picture by name, which no neighbour can leak into since the pictures are unrelated.
  public static let synthiaRand = DatasetLayout(
    name: "synthia_rand", help: "RGB and GT/LABELS; splits all, train, val (every tenth)",
    tables: [.synthiaRand23, .synthiaRand13, .synthiaRand16, .synthiaRand19],
    pairing: { config, split in
      let root = try base(config.root, below: ["", "RAND_CITYSCAPES"], holding: "GT/LABELS")
      var pairing = try Pairing.match(
        .folder(.images, Folder.join(root, "RGB")),
        .folder(.labels, Folder.join(root, "GT/LABELS")))
      let numbered = pairing.pairs.enumerated()
      switch split {
      case "all": break
      case "train": pairing.pairs = numbered.filter { $0.offset % 10 != 9 }.map(\.element)
      case "val": pairing.pairs = numbered.filter { $0.offset % 10 == 9 }.map(\.element)
      default: throw noSplit(split, of: "synthia_rand", among: ["all", "train", "val"])
      }
      guard !pairing.pairs.isEmpty || !pairing.problems.isEmpty else {
        throw Failure(
          .badData, root,
          "split \"\(split)\" of its \(numbered.underestimatedCount) pictures is empty")
      }
      return pairing
    },
    labelReader: { _, _ in SynthiaLabels.read })

  static func noSplit(_ split: String, of layout: String, among names: [String]) -> Failure {
    Failure(
      .inputMissing, "data",
      "layout \"\(layout)\" has no split \"\(split)\"\(NearNames.note(split, among: names)); "
        + "there are \(names.joined(separator: ", "))")
  }
}
