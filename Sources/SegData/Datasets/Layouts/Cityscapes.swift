public import SegCore

extension DatasetLayout {
  /// Cityscapes as published: `<root>/leftImg8bit/<split>/<city>/<city>_<seq>_<frame>_leftImg8bit.png`
  /// and `<root>/gtFine/<split>/<city>/..._gtFine_labelIds.png`.
  public static let cityscapes = DatasetLayout(
    name: "cityscapes", help: "leftImg8bit and gtFine as published",
    tables: [.cityscapes19, .cityscapes13, .cityscapes16, .cityscapes30, .cityscapes34],
    readKeys: { section, config in
      config.labelFiles = section.choice(
        "label_files", default: config.labelFiles, "Which files of gtFine hold the labels.")
    },
    pairing: { config, split in
      let labels = Folder.join(config.root, "gtFine/\(split)")
      var labelSide = try cityFiles(
        .labels, labels, suffix: "_gtFine_\(config.labelFiles.rawValue)")
      if config.labelFiles == .labelTrainIds {
        labelSide.hint =
          "labelTrainIds files are made by cityscapesScripts' createTrainIdLabelImgs; without "
          + "\"label_files\" the published labelIds are read, which give the same classes"
      }
      return try .match(
        cityFiles(
          .images, Folder.join(config.root, "leftImg8bit/\(split)"), suffix: "_leftImg8bit"),
        labelSide)
    },
    labelMap: { config, table in
      guard config.labelFiles == .labelTrainIds, !table.resultValues.isEmpty else {
        return table.labelMap
      }
      guard let map = table.cityscapesTrainIDs() else {
        throw Failure(
          .badConfig, "data.label_files",
          "labelTrainIds files hold 19 classes, not the \(table.classes.count) of \(table.name)",
          hint: "remove \"label_files\": labelIds files hold them all")
      }
      return map
    },
    instanceFile: { label in
      for files in DataConfig.LabelFiles.allCases {
        let ending = "_\(files.rawValue).png"
        if label.hasSuffix(ending) { return label.dropLast(ending.count) + "_instanceIds.png" }
      }
      return nil
    })

  /// The files of all cities of a split by `<city>_<seq>_<frame>`.
  private static func cityFiles(
    _ content: FileSide.Content, _ folder: String, suffix: String
  ) throws -> FileSide {
    var side = FileSide(content: content) { key in
      Folder.join(folder, "\(key.prefix { $0 != "_" })/\(key)\(suffix).png")
    }
    let cities = try Folder.list(folder).filter {
      FileSystem.kind(of: Folder.join(folder, $0)) == .directory
    }
    for city in cities {
      let path = Folder.join(folder, city)
      for name in try Folder.list(path) where name.hasSuffix("\(suffix).png") {
        let key = name.dropLast(suffix.count + 4)
        side.files.append(FileSide.File(key: String(key), path: Folder.join(path, name)))
      }
    }
    guard !side.files.isEmpty else {
      throw Failure(
        .inputMissing, folder,
        "no \(content.rawValue) (<city>/*\(suffix).png) in its \(cities.count) city folders")
    }
    return side
  }
}

extension DataConfig.LabelFiles: ConfigChoice {
  public var help: String {
    self == .labelIds ? "ids 0 to 33, as published" : "train ids 0 to 18 and 255"
  }
}
