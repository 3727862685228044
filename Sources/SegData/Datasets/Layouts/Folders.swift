public import SegCore

extension DatasetLayout {
  /// Anyone's data: `<root>/images/<split>/` and `<root>/masks/<split>/`, or what `data.images` and
  /// `data.masks` say, as far as `data.list` names it; the classes come from the config.
  public static let folders = DatasetLayout(
    name: "folders", help: "<root>/images/<split>/*, <root>/masks/<split>/*.png, or as you say",
    tables: [], readKeys: readFolderKeys,
    pairing: { config, split in
      let images = PathPattern(config.images, config.root, split)
      let masks = PathPattern(config.masks, config.root, split)
      guard let list = config.list else {
        return try .match(images.side(.images), masks.side(.labels))
      }
      let path = Folder.join(config.root, PathPattern.fill(list, split: split))
      return try ListFile(path, fields: 2).pairing { fields in
        guard let name = fields.first, let label = fields.last, fields.count == 2 else {
          return .find(image: images.paths(.images, fields[0]), masks.paths(.labels, fields[0]))
        }
        return .find(
          image: [Folder.join(config.root, name)], [Folder.join(config.root, label)])
      }
    },
    // Colours become class indices, whatever the table's stored values are.
    labelMap: { config, table in config.maskEncoding == .color ? [] : table.labelMap },
    labelReader: { config, classes in
      guard config.maskEncoding == .color else { return ImageFile.readLabels }
      let table = try MaskColors(classes, config.maskColors ?? [], ignoreIndex: config.ignoreIndex)
      return { try table.readLabels($0) }
    })

  private static let readFolderKeys: @Sendable (ConfigSection, inout DataConfig) -> Void = {
    section, config in
    let (images, masks) = (config.images, config.masks)
    config.images = section.string(
      "images", default: images,
      "Folder of images below root, with {split}; its last part may be a file name with {name}.")
    config.masks = section.string("masks", default: masks, "The same for masks.")
    config.list = section.optionalString(
      "list",
      "File below root with {split} that lists the samples: a name, or image and mask, a line.")
    config.maskEncoding = section.choice(
      "mask_encoding", default: .index, "What the pixels of masks are.")
    config.maskColors = section.value(
      "mask_colors", MaskColor.type.list().optional, default: .some(nil),
      "Further colours of colour-coded masks: a class index or \"ignore\" for each.")
    func isFixed(_ pattern: String?) -> Bool { pattern.map { !$0.contains("{split}") } ?? true }
    if isFixed(config.list) {
      for (key, pattern) in [("images", config.images), ("masks", config.masks)]
      where isFixed(pattern) && section.isSound(key, "list") {
        section.problem(
          key, "expected a folder pattern with {split}, found \(MessageText.quoted(pattern))",
          hint: "or name the samples of each split in a list: \"list\": \"{split}.txt\"")
      }
    }
    if config.maskEncoding == .index, config.maskColors != nil, section.isSound("mask_colors") {
      section.problem("mask_colors", "expected null unless mask_encoding is \"color\"")
    }
  }
}

extension DataConfig.MaskEncoding: ConfigChoice {
  public var help: String {
    self == .index ? "class indices, gray or palette" : "the colours of data.classes"
  }
}
