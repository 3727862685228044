public import SegCore

extension DataConfig.ChannelOrder: ConfigChoice {
  public var help: String { self == .rgb ? "red first" : "blue first" }
}

extension DataConfig.BadSample: ConfigChoice {
  public var help: String {
    self == .error ? "stop at a sample that cannot be read" : "leave it out and log it"
  }
}

extension DataConfig {
  private static let plannedLayouts = ["cityscapes", "synthia_seqs", "synthia_rand", "voc", "sbd"]

  /// Reads section `data` of the run config; its paths are as seen from the current directory.
  public init(_ section: ConfigSection) {
    let fallback = DataConfig(layout: "", root: "")
    let layouts = datasetLayouts.map { layout in
      ConfigVariant(layout.name, "") { section in
        Self.folders(section, layout, fallback)
      }
    }
    let (layout, images, masks) = section.variant(
      "layout", among: layouts, planned: Self.plannedLayouts, "How the files lie on disk.")
    self.init(
      layout: layout,
      root: section.string("root", "Folder of the data set, as seen from the current directory."),
      train: section.string("train", default: fallback.train, "Split to train on."),
      validation: section.string("validation", default: fallback.validation, "Split to score on."),
      classes: section.value(
        "classes", Classes.type, default: .layout,
        "Class table: null for the layout's own, a table's name, or the classes themselves."),
      labelMap: section.value(
        "label_map", LabelMapping.type.optional, default: .some(nil),
        "Stored label value to class index or \"ignore\", applied while loading."),
      ignoreIndex: section.int(
        "ignore_index", default: fallback.ignoreIndex, in: 0...255,
        "Label value, after the mapping, that is neither trained nor scored."),
      size: PixelSize(
        section.optionalInts(
          "size", count: 2, in: PixelSize.sides,
          "[height, width] every image and label is resized to first; null: as stored.")),
      mean: section.numbers(
        "mean", count: 3, default: fallback.mean.map(Self.decimal), in: -10...10,
        "Mean of red, green and blue in the range 0 to 1."
      ).map(Float.init),
      std: section.numbers(
        "std", count: 3, default: fallback.std.map(Self.decimal), in: 1e-6...10,
        "Standard deviation of red, green and blue in the range 0 to 1."
      ).map(Float.init),
      channelOrder: section.choice(
        "channel_order", default: fallback.channelOrder, "Order of the model's input channels."),
      workers: section.int(
        "workers", default: fallback.workers, in: 1...64,
        "Decoding threads; they never change results."),
      onBadSample: section.choice(
        "on_bad_sample", default: fallback.onBadSample, "What to do with an unreadable sample."),
      images: images, masks: masks)
    if classes == .layout, section.isSound("layout", "classes"),
      datasetLayouts.first(where: { $0.name == layout })?.table == nil
    {
      section.problem(
        "classes", "expected classes, as layout \"\(layout)\" has none of its own, found null",
        hint: "\"classes\": [{\"name\": \"background\", \"color\": [0, 0, 0]}, ...]")
    }
  }

  /// The folder patterns, which only the layout `folders` has.
  private static func folders(
    _ section: ConfigSection, _ layout: DatasetLayout, _ fallback: DataConfig
  ) -> (layout: String, images: String, masks: String) {
    guard layout.name == DatasetLayout.folders.name else {
      return (layout.name, fallback.images, fallback.masks)
    }
    func pattern(_ key: String, _ value: String) -> String {
      let type = ConfigType<String>(
        expected: "a folder pattern with {split}",
        schema: ["type": .string("string"), "pattern": .string("\\{split\\}")],
        placeholder: value,
        decode: { written in
          guard case .string(let text) = written.kind else { return nil }
          return DatasetLayout.expand(text, "\u{0}", "").contains("\u{0}") ? text : nil
        },
        encode: { .string($0) })
      return section.value(key, type, default: value, "Folder of \(key) below root, with {split}.")
    }
    return (layout.name, pattern("images", fallback.images), pattern("masks", fallback.masks))
  }

  /// The number a float was written as: 0.485, not 0.48500001430511475.
  private static func decimal(_ value: Float) -> Double { Double("\(value)") ?? Double(value) }

  /// Names of the classes, where the config alone says them.
  public var classNames: [String]? {
    switch classes {
    case .layout: datasetLayouts.first { $0.name == layout }?.table?.classes.map(\.name)
    case .table(let name): classTables.first { $0.name == name }?.classes.map(\.name)
    case .list(let classes): classes.map(\.name)
    }
  }
}

extension PixelSize {
  public static let sides = 1...16384

  /// `[height, width]`.
  init?(_ sides: [Int]?) {
    guard let sides, sides.count == 2 else { return nil }
    self.init(height: sides[0], width: sides[1])
  }
}
