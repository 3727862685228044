internal import SegCore

/// Samples as training sees them: image, mask in the classes' colours, and the mask over the image.
public struct DataPreview {
  public struct Options: Sendable {
    /// Samples on the sheet.
    public var count = 12
    public var seed: UInt64 = 0
    public var epoch = 0
    /// Widest picture on the sheet; larger samples are shrunk.
    public var width = 320
    /// Whether `augment` is applied; else the stored pictures at `data.size`.
    public var isAugmented = true

    public init() {}
  }

  /// Three pictures a sample, two samples a row.
  public let sheet: Raster
  public let classes: [ClassInfo]
  /// Pixels by class over the samples of the sheet.
  public let pixels: [Int]
  public let ignored: Int
  /// The image files shown, in order.
  public let files: [String]

  /// Takes the first samples of an epoch in the order a run with this seed takes them.
  ///
  /// - Throws: `Failure` of the config or of the first sample that cannot be read.
  public init(
    _ data: DataConfig, _ augment: AugmentConfig, split: String, classUniform: ClassUniform?,
    options: Options
  ) throws {
    let dataset = try FileDataset(data, split: split)
    let transforms =
      options.isAugmented
      ? try TransformPipeline.training(data, augment) : try TransformPipeline.evaluation(data)
    let order = EpochOrder.order(
      count: dataset.count, seed: options.seed, epoch: options.epoch, shuffle: true)
    let visits =
      classUniform?.replacing(order, seed: options.seed, epoch: options.epoch)
      ?? order.map { SampleVisit($0) }
    let colors = ClassColors(dataset.classes, ignoreIndex: dataset.ignoreIndex)
    var pixels = [Int](repeating: 0, count: dataset.classes.count)
    var ignored = 0
    var sheet: ContactSheet?
    var files: [String] = []
    for visit in visits.prefix(options.count) {
      var sample = try dataset.load(at: visit.index)
      sample.focus = visit.focus
      try transforms.apply(
        &sample, seed: options.seed, index: visit.stream, epoch: options.epoch)
      for value in sample.label.pixels {
        if value != dataset.ignoreIndex, Int(value) < pixels.count {
          pixels[Int(value)] += 1
        } else {
          ignored += 1
        }
      }
      let size = Self.shown(sample.size, options.width)
      if sheet == nil { sheet = ContactSheet(of: size, columns: 6) }
      let mask = try sample.label.resized(to: size).colored(colors)
      let image = try sample.image.resized(to: size)
      try sheet?.add(image)
      try sheet?.add(mask)
      try sheet?.add(image.overlaid(with: mask))
      files.append(dataset.imagePath(at: visit.index))
    }
    guard let sheet else { throw Failure(.badData, "data", "split \"\(split)\" is empty") }
    self.sheet = try sheet.draw()
    self.pixels = pixels
    self.ignored = ignored
    self.files = files
    classes = dataset.classes
  }

  private static func shown(_ size: PixelSize, _ width: Int) -> PixelSize {
    guard size.width > width else { return size }
    return PixelSize(height: max(1, size.height * width / size.width), width: width)
  }
}

extension DataPreview {
  /// Index, name, colour and share of the sheet's labelled pixels of every class.
  public func legend() -> String {
    var table = TextTable(["", "class", "colour", "share"], left: [1, 2])
    let total = max(1, pixels.reduce(0, +))
    for (index, info) in classes.enumerated() {
      let color = [info.color.red, info.color.green, info.color.blue].map { part in
        (part < 16 ? "0" : "") + String(part, radix: 16)
      }
      table.add([
        "\(index)", info.name, "#" + color.joined(),
        TextTable.percent(Double(pixels[index]) / Double(total)),
      ])
    }
    let share = Double(ignored) / Double(max(1, total + ignored))
    let note = "  ignored (white): \(TextTable.percent(share)) of all pixels"
    return (table.lines + [note]).joined(separator: "\n") + "\n"
  }
}
