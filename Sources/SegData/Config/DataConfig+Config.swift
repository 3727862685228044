public import SegCore

extension DataConfig.ChannelOrder: ConfigChoice {
  public var help: String { self == .rgb ? "red first" : "blue first" }
}

extension DataConfig.BadSample: ConfigChoice {
  public var help: String {
    self == .error ? "stop at a sample that cannot be read" : "leave it out and log it"
  }
}

extension DataConfig.Resize: ConfigChoice {
  public var help: String {
    self == .pil
      ? "images antialiased, labels by pixel centres, as Pillow and torchvision"
      : "images by two neighbours a side, labels by pixel corners, as OpenCV"
  }
}

extension DataConfig.Preprocessing: ConfigChoice {
  public var help: String {
    self == .torchvision
      ? "Pillow's resize, RGB, ImageNet's mean and std"
      : "OpenCV's resize, BGR, the recall repository's mean and std"
  }
}

extension DataConfig {
  /// Reads section `data` of the run config; its paths are as seen from the current directory.
  public init(_ section: ConfigSection) {
    let layouts = datasetLayouts.map { layout in
      ConfigVariant(layout.name, layout.help) { section in
        var config = DataConfig(layout: layout.name, root: "")
        layout.readKeys(section, &config)
        return config
      }
    }
    // Read so far are the keys of the layout; what follows is every layout's.
    self = section.variant("layout", among: layouts, "How the files lie on disk.")
    root = section.string("root", "Folder of the data set, as seen from the current directory.")
    train = section.string("train", default: train, "Split to train on.")
    validation = section.string("validation", default: validation, "Split to score on.")
    classes = section.value(
      "classes", Classes.type, default: .layout,
      "Class table: null for the layout's own, a table's name, or the classes themselves.")
    labelMap = section.value(
      "label_map", LabelMapping.type.optional, default: .some(nil),
      "Stored label value to class index or \"ignore\", applied while loading.")
    ignoreIndex = section.int(
      "ignore_index", default: ignoreIndex, in: 0...255,
      "Label value, after the mapping, that is neither trained nor scored.")
    size = PixelSize(
      section.optionalInts(
        "size", count: 2, in: PixelSize.sides,
        "[height, width] every image and label is resized to first; null: as stored."))
    readPreprocessing(section)
    workers = section.int(
      "workers", default: workers, in: 1...64, "Decoding threads; they never change results.")
    cacheMegabytes = section.int(
      "cache_mb", default: cacheMegabytes, in: 0...100_000_000,
      "Megabytes of training samples to keep decoded, resized to size; they never change results.")
    onBadSample = section.choice(
      "on_bad_sample", default: onBadSample, "What to do with an unreadable sample.")
    checkClasses(section)
  }

  private mutating func readPreprocessing(_ section: ConfigSection) {
    preprocessing = section.choice(
      "preprocessing", default: preprocessing,
      "Whose way from pixels to floats: the defaults of resize, mean, std and channel_order.")
    resize = section.choice(
      "resize", default: preprocessing.resize,
      "How images and labels are resized, here and by augment.")
    mean = section.numbers(
      "mean", count: 3, default: preprocessing.mean.map(Self.decimal), in: -10...10,
      "Mean of red, green and blue in the range 0 to 1."
    ).map(Float.init)
    std = section.numbers(
      "std", count: 3, default: preprocessing.std.map(Self.decimal), in: 1e-6...10,
      "Standard deviation of red, green and blue in the range 0 to 1."
    ).map(Float.init)
    channelOrder = section.choice(
      "channel_order", default: preprocessing.channelOrder, "Order of the model's input channels.")
  }

  private func checkClasses(_ section: ConfigSection) {
    let known = datasetLayouts.first { $0.name == layout }
    if classes == .layout, section.isSound("layout", "classes"), known?.table == nil {
      section.problem(
        "classes", "expected classes, as layout \"\(layout)\" has none of its own, found null",
        hint: "\"classes\": [{\"name\": \"background\", \"color\": [0, 0, 0]}, ...]")
    }
    if case .table(let name) = classes, section.isSound("layout", "classes"),
      let objection = known?.objection(toTable: name)
    {
      section.problem("classes", objection)
    }
    if maskEncoding == .color, labelMap != nil, section.isSound("mask_encoding", "label_map") {
      section.problem(
        "label_map", "expected null, as mask_encoding is \"color\" and colours have no numbers",
        hint: "say what further colours mean in \"mask_colors\"")
    }
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
