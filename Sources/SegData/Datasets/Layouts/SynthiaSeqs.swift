public import SegCore

extension DatasetLayout {
  /// One sequence of SYNTHIA-SEQS, `data.root` or its `SYNTHIA-SEQS-05-SUMMER`: two sides of four
  /// cameras below `RGB` and `GT/LABELS` (16-bit, class in red).
  ///
  /// The files of a split are in the order of the recall repository's loader: cameras B, F, L, R,
  /// each left and right.
  public static let synthiaSeqs = DatasetLayout(
    name: "synthia_seqs", help: "a sequence with its 8 cameras; splits train, val, test",
    tables: [.synthiaSeqs16],
    readKeys: { section, config in
      config.splitRule = section.choice(
        "split_rule", default: config.splitRule, "Which frames belong to which split.")
    },
    pairing: { config, split in
      let root = try base(
        config.root, below: ["", "SYNTHIA-SEQS-05-SUMMER"], holding: "GT/LABELS")
      var result = Pairing()
      for stream in streams {
        let whole = try Pairing.match(
          .folder(.images, Folder.join(root, "RGB/\(stream)")),
          .folder(.labels, Folder.join(root, "GT/LABELS/\(stream)")))
        result.problems += whole.problems
        let count = whole.pairs.count
        guard let splits = FrameSplit(config.splitRule, count: count) else {
          throw Failure(
            .badData, Folder.join(root, "RGB/\(stream)"),
            "\(count) frames with labels are too few for a train, a val and a test split")
        }
        guard let frames = splits.frames(of: split) else {
          throw noSplit(split, of: "synthia_seqs", among: FrameSplit.names)
        }
        result.pairs += frames.map { whole.pairs[$0] }
      }
      return result
    },
    labelReader: { _, _ in SynthiaLabels.read })

  private static let streams = ["B", "F", "L", "R"].flatMap { view in
    ["Left", "Right"].map { "Stereo_\($0)/Omni_\(view)" }
  }
}

extension DataConfig.SplitRule: ConfigChoice {
  public var help: String {
    switch self {
    case .released:
      "as the recall repository: 70, 10, 20 % of the frames shuffled, so that neighbours of test "
        + "frames are trained on"
    case .sequence: "70, 10, 20 % of the drive one after the other, with gaps between them"
    }
  }
}
