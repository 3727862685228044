internal import SegCore

extension DatasetLayout {
  /// PASCAL VOC 2012's segmentation task: the lists of `ImageSets/Segmentation`, `JPEGImages`,
  /// `SegmentationClass` and, when asked for, `SegmentationClassAug`; `data.root` is the folder
  /// `VOC2012` or one above it.
  public static let voc = DatasetLayout(
    name: "voc", help: "VOC2012 as published, SegmentationClassAug when asked for",
    tables: [.voc21],
    readKeys: { section, config in
      config.augmentedLabels = section.bool(
        "augmented_labels", default: config.augmentedLabels,
        "Whether to take labels that SegmentationClass lacks from SegmentationClassAug.")
    },
    pairing: { config, split in
      let root = try base(
        config.root, below: ["", "VOC2012", "VOCdevkit/VOC2012"], holding: "ImageSets/Segmentation")
      let list = try ListFile(Folder.join(root, "ImageSets/Segmentation/\(split).txt"))
      let folders =
        config.augmentedLabels
        ? ["SegmentationClass", "SegmentationClassAug"] : ["SegmentationClass"]
      let hint =
        config.augmentedLabels
        ? nil
        : "labels of SBD (trainaug) lie in SegmentationClassAug: \"augmented_labels\": true"
      return list.pairing { name in
        .find(
          image: [Folder.join(root, "JPEGImages/\(name[0]).jpg")],
          folders.map { Folder.join(root, "\($0)/\(name[0]).png") }, hint: hint)
      }
    })

  /// The first of `candidates` below `root` that holds `part`.
  ///
  /// - Throws: `Failure` `.inputMissing` that says what is there instead.
  static func base(_ root: String, below candidates: [String], holding part: String) throws
    -> String
  {
    for candidate in candidates {
      let folder = candidate.isEmpty ? root : Folder.join(root, candidate)
      if FileSystem.kind(of: Folder.join(folder, part)) == .directory { return folder }
    }
    let names = try Folder.list(root)
    let shown = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", ..." : "")
    let places = candidates.map { $0.isEmpty ? part : "\($0)/\(part)" }
    throw Failure(
      .inputMissing, root,
      "no folder \(places.joined(separator: ", nor ")); it has "
        + (names.isEmpty ? "nothing" : shown))
  }
}
